package org.tlsuplift.server.microsoft365;

import java.net.URI;
import java.util.Optional;
import java.util.UUID;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.https.HttpsRequest;
import org.tlsuplift.server.https.HttpsResponse;
import org.tlsuplift.server.https.HttpsService;

/** Microsoft's web service of endpoint lists, for one cloud. The methods block. */
public final class ListService implements AutoCloseable {
  private final HttpsService https;
  private final URI url;
  private final Cloud cloud;

  /** The service wants no more requests for an hour. */
  static final class TooManyRequestsException extends OperatorException {
    private static final long serialVersionUID = 1L;

    TooManyRequestsException(String message) {
      super(message);
    }
  }

  /**
   * @param url https, with or without a path
   */
  public ListService(HttpsService https, URI url, Cloud cloud) {
    this.https = https;
    this.url = url;
    this.cloud = cloud;
  }

  /** The latest version. */
  ListVersion latest(UUID clientRequestId) throws OperatorException {
    String body = get("version", clientRequestId);
    Optional<ListVersion> latest;
    try {
      latest = ListJson.readLatest(cloud, body);
    } catch (OperatorException wrong) {
      throw new OperatorException(at("version") + " cannot be read: " + wrong.getMessage());
    }
    return latest.orElseThrow(
        () ->
            new OperatorException(
                at("version") + " has no version of 10 digits for " + cloud.instance()));
  }

  /** The latest list, as it was sent. */
  String endpoints(UUID clientRequestId) throws OperatorException {
    return get("endpoints", clientRequestId);
  }

  private String get(String what, UUID clientRequestId) throws OperatorException {
    HttpsResponse response;
    try {
      response = https.send(HttpsRequest.get(path(what) + "?clientrequestid=" + clientRequestId));
    } catch (OperatorException failed) {
      throw new OperatorException(
          failed.getMessage()
              + "; let this machine reach it, or set 'microsoft365.refresh: never'");
    }
    if (response.status() == 429) {
      throw new TooManyRequestsException(at(what) + " responded 429 (too many requests)");
    }
    if (response.status() != 200) {
      throw new OperatorException(at(what) + " responded " + response.status());
    }
    return response.body();
  }

  private String path(String what) {
    String before = url.getRawPath() == null ? "" : url.getRawPath().replaceFirst("/$", "");
    return before + "/" + what + "/" + cloud.instance();
  }

  private String at(String what) {
    return "https://" + HttpsService.server(url) + path(what);
  }

  @Override
  public void close() {
    https.close();
  }
}
