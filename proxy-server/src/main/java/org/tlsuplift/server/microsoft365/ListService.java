package org.tlsuplift.server.microsoft365;

import java.net.URI;
import java.util.UUID;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.server.https.HttpsFailedException;
import org.tlsuplift.server.https.HttpsRequest;
import org.tlsuplift.server.https.HttpsResponse;
import org.tlsuplift.server.https.HttpsService;

/** Microsoft's web service of endpoint lists, for one cloud. The methods block. */
public final class ListService implements AutoCloseable {
  private final HttpsService https;
  private final URI url;
  private final Cloud cloud;
  private final Runnable closed;

  /**
   * @param url https, with or without a path
   * @param closed runs after the connection is closed
   */
  public ListService(HttpsService https, URI url, Cloud cloud, Runnable closed) {
    this.https = https;
    this.url = url;
    this.cloud = cloud;
    this.closed = closed;
  }

  /** Host and port of a URL. */
  public static HostPort server(URI url) {
    return new HostPort(url.getHost(), url.getPort() < 0 ? 443 : url.getPort());
  }

  /** The latest version. */
  ListVersion latest(UUID clientRequestId) throws ListServiceException {
    String body = get("version", clientRequestId);
    try {
      return ListJson.readLatest(cloud, body)
          .orElseThrow(
              () ->
                  new ListServiceException(
                      at("version") + " has no version of 10 digits for " + cloud.instance()));
    } catch (UnusableListException wrong) {
      throw new ListServiceException(at("version") + " cannot be read: " + wrong.getMessage());
    }
  }

  /** The latest list, as it was sent. */
  String endpoints(UUID clientRequestId) throws ListServiceException {
    return get("endpoints", clientRequestId);
  }

  private String get(String what, UUID clientRequestId) throws ListServiceException {
    HttpsResponse response;
    try {
      response = https.send(HttpsRequest.get(path(what) + "?clientrequestid=" + clientRequestId));
    } catch (HttpsFailedException failed) {
      throw new ListServiceException(
          failed.getMessage()
              + "; let this machine reach it, or set 'microsoft365.refresh: never'");
    }
    if (response.status() == 429) {
      throw new ListServiceException.TooManyRequests(
          at(what) + " responded 429 (too many requests)");
    }
    if (response.status() != 200) {
      throw new ListServiceException(at(what) + " responded " + response.status());
    }
    return response.body();
  }

  private String path(String what) {
    String before = url.getRawPath() == null ? "" : url.getRawPath().replaceFirst("/$", "");
    return before + "/" + what + "/" + cloud.instance();
  }

  private String at(String what) {
    return "https://" + server(url) + path(what);
  }

  @Override
  public void close() {
    https.close();
    closed.run();
  }
}
