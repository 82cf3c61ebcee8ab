package org.tlsuplift.server.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.UnhandledVariantException;
import org.tlsuplift.server.metrics.SignInRefusal;

/** Decides by host name, site of origin and sign-in whether a request may pass. */
final class AdminAccessFilter {
  private static final String REALM = "realm=\"TLS Uplift\"";
  private static final Set<String> HEALTH = Set.of("/healthz", "/readyz");

  private final AdminAccess access;
  private final HostCheck hosts;
  private final SignIns signIns;
  private final SignInRefusals signInRefusals;
  private final ConnectionQuota connectionQuota;
  private final AdminSessions sessions;
  private final boolean tls;
  private final boolean acts;

  AdminAccessFilter(
      AdminSpec spec,
      SignIns signIns,
      AdminSessions sessions,
      SignInRefusals signInRefusals,
      ConnectionQuota connectionQuota) {
    this.access = spec.access();
    this.tls = spec.isHttps();
    this.acts = spec.missingForActions().isEmpty();
    this.sessions = sessions;
    this.hosts = new HostCheck(access.serverNames());
    this.signIns = signIns;
    this.signInRefusals = signInRefusals;
    this.connectionQuota = connectionQuota;
  }

  /** What becomes of a request. */
  sealed interface Admission {
    /** The request gets this response. */
    record Refused(Response response) implements Admission {}

    /** The request may pass, if the role is enough for its resource. */
    record Admitted(Visitor visitor) implements Admission {}
  }

  /**
   * Whether a request may pass.
   *
   * @param open whether its resource needs no sign-in
   */
  CompletionStage<Admission> admit(
      HttpRequest request, String path, boolean open, InetAddress from) {
    HttpHeaders headers = request.headers();
    if (!hosts.allows(path, headers.getAll(HttpHeaderNames.HOST))) {
      return refused(
          ErrorResponses.of(
              path,
              421,
              "the host name of this request is not allowed here; use an IP address, or add the"
                  + " name to admin.serverNames"));
    }
    if (FetchMetadata.isEmbedding(headers)) {
      return refused(ErrorResponses.of(path, 403, "pages of other sites may not use this port"));
    }
    Optional<Visitor> signedIn = acts ? bySession(headers) : Optional.empty();
    if (signedIn.isPresent()) {
      connectionQuota.signedIn(from);
      return CompletableFuture.completedStage(new Admission.Admitted(signedIn.get()));
    }
    if (open
        || !access.needsSignIn()
        || HEALTH.contains(path)
        || (access.openMetrics() && path.equals("/metrics"))) {
      return CompletableFuture.completedStage(new Admission.Admitted(Visitor.ANYONE));
    }
    List<String> authorization = headers.getAll(HttpHeaderNames.AUTHORIZATION);
    Optional<AdminCredential> adminCredential =
        authorization.size() == 1 ? AdminCredential.parse(authorization.get(0)) : Optional.empty();
    if (acts && authorization.isEmpty() && isPerson(headers)) {
      return refused(
          Actions.toSignIn(HttpMethod.GET.equals(request.method()) ? request.uri() : "/"));
    }
    return signIns.judge(from, adminCredential).thenApply(judged -> answer(path, from, judged));
  }

  private Optional<Visitor> bySession(HttpHeaders headers) {
    return Cookies.session(headers, tls).flatMap(id -> sessions.find(id, access));
  }

  /**
   * Whether a person opens a page, who gets a form in place of the challenge. Browsers of today say
   * so to ports with TLS and on loopback; some programs accept HTML too.
   */
  private static boolean isPerson(HttpHeaders headers) {
    return headers.get("Sec-Fetch-Mode", "").equals("navigate");
  }

  private static CompletionStage<Admission> refused(Response response) {
    return CompletableFuture.completedStage(new Admission.Refused(response));
  }

  private Admission answer(String path, InetAddress from, SignIns.Result judged) {
    if (judged instanceof SignIns.Result.Granted granted) {
      connectionQuota.signedIn(from);
      return new Admission.Admitted(granted.visitor());
    }
    return new Admission.Refused(refusal(path, from, judged));
  }

  private Response refusal(String path, InetAddress from, SignIns.Result judged) {
    if (judged instanceof SignIns.Result.Slowed slowed) {
      signInRefusals.refused(from, SignInRefusal.SLOWED);
      return later(path, 429, "too many failed sign-ins", slowed.left());
    }
    if (judged instanceof SignIns.Result.Busy) {
      signInRefusals.refused(from, SignInRefusal.BUSY);
      return later(path, 503, "too many sign-ins are being checked", Duration.ofSeconds(5));
    }
    if (judged instanceof SignIns.Result.Wrong) {
      signInRefusals.refused(from, SignInRefusal.WRONG);
      return challenge(path, "the name, password or token is wrong");
    }
    if (judged instanceof SignIns.Result.Expired expired) {
      signInRefusals.refused(from, SignInRefusal.EXPIRED);
      return challenge(
          path, "the token " + expired.token() + " has expired; set a new token in admin.tokens");
    }
    if (judged instanceof SignIns.Result.Missing) {
      return challenge(path, "sign in with a user of admin.users or a token of admin.tokens");
    }
    throw new UnhandledVariantException(judged);
  }

  private static Response later(String path, int status, String why, Duration wait) {
    long seconds = wait.toSeconds() + 1;
    return ErrorResponses.of(path, status, why + "; try again in " + seconds + " s")
        .with("Retry-After", Long.toString(seconds));
  }

  /** RFC 9110 section 11.6.1; with Basic, browsers ask the user for a name and a password. */
  private Response challenge(String path, String detail) {
    String basic = "Basic " + REALM + ", charset=\"UTF-8\"";
    String bearer = "Bearer " + REALM;
    return ErrorResponses.of(path, 401, detail)
        .with(
            "WWW-Authenticate",
            access.users().isEmpty()
                ? bearer
                : access.tokens().isEmpty() ? basic : basic + ", " + bearer);
  }

  /**
   * Decides by the site that makes a browser send a request (W3C Fetch Metadata Request Headers).
   */
  static final class FetchMetadata {
    private FetchMetadata() {}

    /**
     * Whether another site's page wants to embed the response. Following a link from there is
     * allowed: a GET changes nothing here, and that page learns nothing.
     */
    static boolean isEmbedding(HttpHeaders headers) {
      String site = headers.get("Sec-Fetch-Site", "none");
      if (site.equals("none") || site.equals("same-origin")) {
        return false;
      }
      return !(headers.get("Sec-Fetch-Mode", "").equals("navigate")
          && headers.get("Sec-Fetch-Dest", "").equals("document"));
    }

    /**
     * Whether a page of this port has sent a form. All browsers of today send {@code
     * Sec-Fetch-Site}, and those before it {@code Origin}. With the referrer policy of this port,
     * {@code Origin} is {@code null} (Fetch Standard, "append a request Origin header").
     *
     * @param https whether browsers use https
     * @param external the origin of the pages in browsers, if a proxy makes another one; else empty
     */
    static boolean isOwnForm(HttpHeaders headers, boolean https, String external) {
      List<String> sites = headers.getAll("Sec-Fetch-Site");
      List<String> origins = headers.getAll(HttpHeaderNames.ORIGIN);
      if (sites.size() > 1 || origins.size() > 1) {
        return false;
      }
      String host = headers.get(HttpHeaderNames.HOST, "").toLowerCase(Locale.ROOT);
      String origin = origins.isEmpty() ? "" : origins.get(0).toLowerCase(Locale.ROOT);
      // A proxy on this machine may add TLS.
      boolean own =
          origin.equals("https://" + host)
              || (!https && origin.equals("http://" + host))
              || (!external.isEmpty() && origin.equals(external));
      return sites.isEmpty()
          ? own
          : sites.get(0).equals("same-origin")
              && (own || origin.isEmpty() || origin.equals("null"));
    }
  }

  /**
   * Decides by the host name of a request.
   *
   * <p>Another site's page can make a browser call any host name, and have that name resolve to
   * this port (DNS rebinding): then the browser treats our responses as that page's own. An IP
   * address in place of the name cannot be rebound, nor can localhost.
   */
  static final class HostCheck {
    /** RFC 9110 section 7.2: an address in brackets or a name, and nothing else but a port. */
    private static final Pattern HOST_AND_PORT =
        Pattern.compile("(?:\\[(?<ipv6>[^\\]]*)]|(?<name>[^\\[\\]:]*))(?::[0-9]{0,5})?");

    private final Set<String> names;

    HostCheck(Set<String> names) {
      this.names = names;
    }

    /**
     * Whether a request is for this port. Browsers always send a host name. Health checks with
     * HTTP/1.0 do not, and they need no other path.
     *
     * @param host the values of its {@code Host} header
     */
    boolean allows(String path, List<String> host) {
      return host.isEmpty()
          ? HEALTH.contains(path)
          : host.size() == 1 && isAllowed(HOST_AND_PORT.matcher(host.get(0)));
    }

    private boolean isAllowed(Matcher host) {
      if (!host.matches()) {
        return false;
      }
      if (host.group("ipv6") != null) {
        return HostPort.isAddressLiteral(host.group("ipv6"));
      }
      String name = HostPort.normalise(host.group("name"));
      return HostPort.isAddressLiteral(name) || name.equals("localhost") || names.contains(name);
    }
  }
}
