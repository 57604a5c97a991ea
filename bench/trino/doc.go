// Package trino runs a real Trino beside Traillake, so that both can be asked the same over
// the same Iceberg tables: for the time that they take, and for what they answer.
//
// A [Server] is a process of its own, of a Trino that is installed: the folder that its
// archive unpacks to, which $TRINO_HOME names, and the Java that it needs, which Trino looks
// for itself (JAVA_HOME, then the PATH). It has its configuration and data in a folder of
// the caller's, listens on a loopback address, and ends with its context at the latest.
//
// Tried with Trino 476. Its protocol is that of
// https://trino.io/docs/current/develop/client-protocol.html; Trino's own client for Go
// brings Kerberos and more with it, of which a loopback address needs nothing.
package trino
