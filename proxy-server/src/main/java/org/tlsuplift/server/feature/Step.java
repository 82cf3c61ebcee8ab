package org.tlsuplift.server.feature;

import org.tlsuplift.proxy.model.Labelled;

/** A step of a check. Implemented by enums. */
public interface Step extends Labelled.WithDashes {}
