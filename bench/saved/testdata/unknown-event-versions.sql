SELECT coalesce(eventVersion, 'none') AS version,
  count(*) AS events,
  count(DISTINCT eventSource) AS services,
  min(eventSource) AS a_service,
  min(eventID) AS an_event_id,
  min(_source) AS a_file,
  min(eventTime) AS first_seen,
  max(eventTime) AS last_seen
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND (eventVersion IS NULL
    OR eventVersion NOT IN ('1.0', '1.00', '1.01', '1.02', '1.03', '1.04', '1.05', '1.06', '1.07', '1.08', '1.09',
      '1.10', '1.11'))
GROUP BY coalesce(eventVersion, 'none')
ORDER BY events DESC, version
