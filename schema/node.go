package schema

// node is a column or member prepared for decoding. A struct or list of the record is a
// group: its members, at any depth, have a numbering of slots of their own.
type node struct {
	col      Column
	slot     int
	members  []*node // in the order of Column.Members
	delivery []*node // in the order of delivery
	byKey    map[string]*node
	slots    int // of a group: how many slots an entry has; a struct is one entry
}

// plan is the root: its members are the stored columns.
var plan = newPlan(Column{Kind: KindStruct, Members: stored, Delivery: recordDelivery})

func newPlan(root Column) *node {
	n := &node{col: root}
	n.slots = n.number(0)
	return n
}

// number gives slots to the members of n, from next on, and returns the first
// free one.
func (n *node) number(next int) int {
	n.byKey = make(map[string]*node)
	for _, c := range n.col.Members {
		m := &node{col: c, slot: next}
		next++
		switch c.Kind {
		case KindStruct, KindList:
			switch {
			case n.col.Name == "": // the record
				m.slots = m.number(0)
			case c.Kind == KindList:
				panic("BUG: a list inside a group: " + c.Name)
			default:
				next = m.number(next)
			}
		}
		n.members = append(n.members, m)
		if c.Key != "" {
			n.byKey[c.Key] = m
		}
	}
	for _, c := range n.col.Delivered() {
		n.delivery = append(n.delivery, n.byKey[c.Key])
	}
	return next
}

// group reports whether n is a group.
func (n *node) group() bool { return n.slots > 0 }

// column returns the node of the stored column with the given name.
func column(name string) *node {
	for _, m := range plan.members {
		if m.col.Name == name {
			return m
		}
	}
	panic("BUG: no stored column " + name)
}

var (
	eventTimeNode = column(ColEventTime)
	eventIDNode   = column(ColEventID)
	recipientNode = column("recipientaccountid")
	categoryNode  = column("eventcategory")
	resourcesNode = column("resources")
	arnFirstSlot  = resourcesNode.member("arnfirst").slot
)

func (n *node) member(name string) *node {
	for _, m := range n.members {
		if m.col.Name == name {
			return m
		}
	}
	panic("BUG: " + n.col.Name + " has no member " + name)
}
