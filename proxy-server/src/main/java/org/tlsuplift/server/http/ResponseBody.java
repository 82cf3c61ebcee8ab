package org.tlsuplift.server.http;

import java.io.OutputStream;

/** The content of a response. */
public sealed interface ResponseBody {
  /**
   * Complete content.
   *
   * @param bytes the creator must not change them afterwards
   */
  @SuppressWarnings("ArrayRecordComponent") // Pages are megabytes at most and never compared.
  record Whole(byte[] bytes) implements ResponseBody {}

  /**
   * Content that is written in pieces, because it is large or its size is unknown.
   *
   * @param writing writes all of it, once
   */
  record Streamed(Writing writing) implements ResponseBody {}

  /** Writes content. */
  @FunctionalInterface
  interface Writing {
    /**
     * Writes all of it, on one of a few threads for streamed content.
     *
     * <p>A slow reader slows the writing: a {@code write} blocks while as much is in progress as
     * the admin port allows, which is 128 KiB.
     *
     * @param out buffered; need be neither flushed nor closed
     * @throws java.io.IOException if the reader has gone or is too slow; pass it on
     * @throws Exception any other: if nothing was sent yet, the reader gets an error status; else
     *     the connection is cut, so that the reader does not mistake a part for the whole
     */
    void writeTo(OutputStream out) throws Exception;
  }
}
