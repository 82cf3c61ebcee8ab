package org.tlsuplift.server.feature;

import org.tlsuplift.proxy.model.Labelled;

/**
 * What an action changed.
 *
 * @param object the changed object; may be empty
 * @param before in words, without secrets; may be empty
 * @param after in words, without secrets; may be empty
 */
public record Change(String object, String before, String after, Result result) {
  /** What became of it. */
  public enum Result implements Labelled {
    /** The change was made. */
    DONE,
    /** The request was refused, and nothing has changed. */
    REFUSED,
    /** The change failed; a part of it may have been made. */
    FAILED,
    /** It may have been made: the database did not confirm it. */
    UNKNOWN
  }

  /** A change that was made. */
  public static Change done(String object, String before, String after) {
    return new Change(object, before, after, Result.DONE);
  }

  /** It may have been made. */
  public static Change unknown(String object, Exception why) {
    return new Change(object, "", String.valueOf(why.getMessage()), Result.UNKNOWN);
  }

  /** Nothing was changed, for this reason. */
  public static Change refused(String object, String reason) {
    return new Change(object, "", reason, Result.REFUSED);
  }
}
