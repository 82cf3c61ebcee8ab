/**
 * What stands between the admin port and those who answer there: paths, requests and answers,
 * without a word about the HTTP library that carries them.
 */
@NullMarked
package org.tlsuplift.server.web;

import org.jspecify.annotations.NullMarked;
