-- name: needle
-- title: One event by its id
-- description: A different event of the old range each time.
-- params:
--   id: string = 00000000-0000-0000-0000-000000000000
SELECT eventTime, eventName, userIdentity.arn, sourceIPAddress, element_at(requestParameters, 'bucketName') AS bucket
FROM $EDS_ID
WHERE eventID = :id
