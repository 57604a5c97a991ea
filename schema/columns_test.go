package schema

import (
	"slices"
	"testing"
)

func TestDeliveryOrdersAreComplete(t *testing.T) {
	var check func(name string, cols, delivered []Column)
	check = func(name string, cols, delivered []Column) {
		n := 0
		for _, c := range cols {
			if c.Key == "" {
				continue
			}
			n++
			if !slices.ContainsFunc(delivered, func(d Column) bool { return d.Key == c.Key }) {
				t.Errorf("%s: key %q is missing from the delivery order", name, c.Key)
			}
			check(name+"."+c.Name, c.Members, c.Delivered())
		}
		if n != len(delivered) {
			t.Errorf("%s: %d keys, %d in the delivery order", name, n, len(delivered))
		}
	}
	check("record", Stored(), DeliveredColumns())
}

// Names and order are those of AWS's page "CloudTrail Lake event schema".
func TestVisibleColumnsAreLakes(t *testing.T) {
	want := []string{
		"eventversion", "useridentity", "eventtime", "eventsource", "eventname", "awsregion", "sourceipaddress",
		"useragent", "errorcode", "errormessage", "requestparameters", "responseelements", "additionaleventdata",
		"requestid", "eventid", "readonly", "resources", "eventtype", "apiversion", "managementevent",
		"recipientaccountid", "sharedeventid", "annotation", "vpcendpointid", "vpcendpointaccountid",
		"serviceeventdetails", "addendum", "edgedevicedetails", "insightdetails", "eventcategory", "tlsdetails",
		"sessioncredentialfromconsole", "eventjson", "eventjsonchecksum",
	}
	var got []string
	for _, c := range Visible() {
		got = append(got, c.Name)
	}
	if !slices.Equal(got, want) {
		t.Errorf("visible columns\n got %v\nwant %v", got, want)
	}
}

func TestLogicalTypes(t *testing.T) {
	want := map[string]string{
		"eventtime":         "timestamp(3)",
		"requestparameters": "map(varchar,varchar)",
		"resources":         "array(row(accountid varchar, type varchar, arn varchar, arnprefix varchar))",
		"useridentity": "row(type varchar, principalid varchar, arn varchar, accountid varchar, accesskeyid varchar, username varchar, " +
			"sessioncontext row(attributes row(creationdate timestamp(3), mfaauthenticated varchar), " +
			"sessionissuer row(type varchar, principalid varchar, arn varchar, accountid varchar, username varchar), " +
			"webidfederationdata row(federatedprovider varchar, attributes map(varchar,varchar)), " +
			"sourceidentity varchar, ec2roledelivery varchar, ec2issuedinvpc varchar), " +
			"onbehalfof row(userid varchar, identitystorearn varchar), " +
			"inscopeof row(sourcearn varchar, sourceaccount varchar, issuertype varchar, credentiaisissuedto varchar), " +
			"invokedby varchar, identityprovider varchar)",
	}
	for _, c := range Visible() {
		if w, ok := want[c.Name]; ok && c.Type() != w {
			t.Errorf("%s\n got %s\nwant %s", c.Name, c.Type(), w)
		}
	}
}
