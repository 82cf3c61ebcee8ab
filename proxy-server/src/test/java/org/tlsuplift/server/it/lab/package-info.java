/**
 * What every test needs: processes, ports, networks, certificates.
 *
 * <p>A {@link org.tlsuplift.server.it.lab.Lab} holds what a test class starts and ends it
 * afterwards. A {@link org.tlsuplift.server.it.lab.Daemon} is the shipped jar in a process of its
 * own. A {@link org.tlsuplift.server.it.lab.Child} is any other process, and {@link
 * org.tlsuplift.server.it.lab.Run} is one that has ended. {@link
 * org.tlsuplift.server.it.lab.Namespace} and {@link org.tlsuplift.server.it.lab.Switch} make
 * networks of the test's own.
 */
@NullMarked
package org.tlsuplift.server.it.lab;

import org.jspecify.annotations.NullMarked;
