package org.tlsuplift.server.http;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.codec.http.multipart.DefaultHttpDataFactory;
import io.netty.handler.codec.http.multipart.HttpData;
import io.netty.handler.codec.http.multipart.HttpPostRequestDecoder;
import io.netty.handler.codec.http.multipart.InterfaceHttpData;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Converts a request of the HTTP codec. */
final class RequestReader {
  /** More than twice as many as any page uses. */
  private static final int MAX_PARAMETERS = 32;

  private static final int MAX_FIELDS = 200;

  private RequestReader() {}

  /**
   * The request for a resource.
   *
   * @param target the path and the query as they were sent
   * @param variable the decoded variable of the path
   * @throws IllegalArgumentException if the percent-encoding of the query is invalid
   */
  static Request read(String target, HttpHeaders received, String variable, Visitor visitor) {
    Map<String, List<String>> parameters =
        new QueryStringDecoder(target, StandardCharsets.UTF_8, true, MAX_PARAMETERS).parameters();
    Map<String, List<String>> headers = new TreeMap<>();
    for (Map.Entry<String, String> header : received) {
      headers
          .computeIfAbsent(header.getKey().toLowerCase(Locale.ROOT), name -> new ArrayList<>())
          .add(header.getValue());
    }
    headers.remove("authorization");
    headers.remove("cookie");
    return new Request(path(target), variable, parameters, headers, visitor);
  }

  /**
   * A form.
   *
   * @param body its fields as application/x-www-form-urlencoded or multipart/form-data
   * @throws IllegalArgumentException if the encoding is invalid
   */
  static Request form(String path, HttpHeaders received, byte[] body, Visitor visitor) {
    Map<String, List<String>> fields =
        HttpPostRequestDecoder.isMultipart(request(path, received, body))
            ? parts(request(path, received, body))
            : new QueryStringDecoder(
                    new String(body, StandardCharsets.UTF_8),
                    StandardCharsets.UTF_8,
                    false,
                    MAX_FIELDS)
                .parameters();
    return new Request(path, "", fields, read(path, received, "", visitor).headers(), visitor);
  }

  private static FullHttpRequest request(String path, HttpHeaders received, byte[] body) {
    return new DefaultFullHttpRequest(
        HttpVersion.HTTP_1_1,
        HttpMethod.POST,
        path,
        Unpooled.wrappedBuffer(body),
        received,
        EmptyHttpHeaders.INSTANCE);
  }

  /** The fields and files of a form (RFC 7578), all in memory. */
  private static Map<String, List<String>> parts(FullHttpRequest request) {
    HttpPostRequestDecoder decoder = null;
    Map<String, List<String>> fields = new TreeMap<>();
    try {
      decoder =
          new HttpPostRequestDecoder(
              new DefaultHttpDataFactory(false),
              request,
              StandardCharsets.UTF_8,
              MAX_FIELDS,
              AdminLimits.MAX_FORM);
      for (InterfaceHttpData part : decoder.getBodyHttpDatas()) {
        if (part instanceof HttpData data) {
          fields
              .computeIfAbsent(part.getName(), name -> new ArrayList<>())
              .add(data.getString(StandardCharsets.UTF_8));
        }
      }
      return fields;
    } catch (IOException | DecoderException malformed) {
      throw new IllegalArgumentException(malformed);
    } finally {
      if (decoder != null) {
        // Not released by destroy() if the form ends too early.
        InterfaceHttpData cut = decoder.currentPartialHttpData();
        decoder.destroy();
        ReferenceCountUtil.release(cut);
      }
    }
  }

  /**
   * The path as it was sent, without the query; empty if there is none.
   *
   * @param target in the usual form, or in that of requests to proxies (RFC 9112 section 3.2)
   */
  static String path(String target) {
    int end = 0;
    while (end < target.length() && target.charAt(end) != '?' && target.charAt(end) != '#') {
      end++;
    }
    int start = 0;
    if (!target.startsWith("/")) {
      int authority = target.indexOf("://");
      start = authority < 0 ? -1 : target.indexOf('/', authority + "://".length());
    }
    return start < 0 || start >= end ? "" : target.substring(start, end);
  }
}
