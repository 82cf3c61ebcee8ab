package org.tlsuplift.server.web;

import java.io.OutputStream;

/** The content of a response. */
public sealed interface ResponseBody {
  /**
   * Content that is there as a whole.
   *
   * @param bytes not to be changed any more
   */
  @SuppressWarnings("ArrayRecordComponent") // Pages are megabytes at most and never compared.
  record Whole(byte[] bytes) implements ResponseBody {}

  /**
   * Content that is written bit by bit, because it is large or its size is not known.
   *
   * @param writing writes all of it, once
   */
  record Streamed(Writing writing) implements ResponseBody {}

  /** Writes content. */
  @FunctionalInterface
  interface Writing {
    /**
     * Writes all of it, on one of a few threads that are there for it.
     *
     * <p>A slow reader slows the writing: a {@code write} blocks while as much is in progress as
     * the admin port allows, which is about a megabyte.
     *
     * @param out buffered; need be neither flushed nor closed
     * @throws java.io.IOException also when the reader has gone or takes too long: to be passed on
     * @throws Exception any other: the connection is cut, so that half an answer is not taken for a
     *     whole one
     */
    void writeTo(OutputStream out) throws Exception;
  }
}
