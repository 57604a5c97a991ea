// Package schedule makes reports when they are due.
//
// A Definition says what and when, a Run is what became of one due time, and Plan says
// from both, and from nothing else but the time, what is to be done now. All are plain
// data. A Book keeps them in a lake as records that are written by put-if-absent, so any
// machine that opens the lake can run its schedules, on a disk and on S3 alike. A Runner
// does what Plan says.
//
// # Due times
//
// A cron expression is read as wall-clock time in the schedule's time zone. A wall-clock
// time that a change of the clock skips is due at the moment of the change, and one that
// comes twice is due the first time. So each fires exactly once; where two of them fall on
// one moment, such as 02:00 and 03:00 on the night that 02:00 does not exist, that moment
// is due once.
//
// # Once
//
// Whoever makes the first version of a run's record has claimed the due time; who makes
// the next version holds it. A holder has a lease that it renews, and that others respect
// until it is over. Making a version fails when somebody else has made it, so a runner that
// slept and wakes up finds out before it records anything. It may have made a report by
// then: a report's place is given by schedule and due time, and what is there already is
// taken if it is the run's: of its snapshot, which is recorded before anything is
// delivered. Anything else there fails the run. Notices are sent at least once: a runner that dies between sending one
// and recording so makes its successor send it again.
//
// # Clocks
//
// What is due is what the runner's clock says. One that is ahead has reports made of due times
// to come, and no rule could keep it from that without stopping healthy schedules: that nothing
// came into a lake since long ago, and that nobody ran its schedules, happens, and looks the
// same. What can be told is what such a clock leaves, once there is one that is right. Due times
// that are settled, or begun, or counted from, ahead of it are an error (ErrAhead) until
// Book.Reset takes them back. Leases and times of retries that lie further ahead than runners
// record are not believed.
package schedule
