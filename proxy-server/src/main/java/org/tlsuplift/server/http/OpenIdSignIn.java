package org.tlsuplift.server.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.model.ShortText;
import org.tlsuplift.server.audit.AuditRecord.Via;
import org.tlsuplift.server.feature.Change;
import org.tlsuplift.server.feature.Role;
import org.tlsuplift.server.metrics.SignInRefusal;
import org.tlsuplift.server.signin.openid.OpenIdException;
import org.tlsuplift.server.signin.openid.OpenIdProvider;
import org.tlsuplift.server.signin.openid.OpenIdRequest;
import org.tlsuplift.server.signin.openid.OpenIdUser;

/** Sends people to the OpenID provider, and begins their session when they come back. */
final class OpenIdSignIn {
  /** Where a sign-in begins. */
  static final String BEGIN = "/sign-in/openid";

  /** Where the provider sends the browser. */
  static final String RETURN = BEGIN + "/return";

  private static final Logger log = LoggerFactory.getLogger(OpenIdSignIn.class);
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final int MAX_ERROR = 200;

  private final Actions actions;
  private final AdminSpec spec;
  private final AdminThreads.Pool threads;
  private final boolean tls;

  private volatile String announced = "";

  /**
   * @param actions keeps sessions, rates and the audit log
   */
  OpenIdSignIn(Actions actions, AdminThreads.Pool threads) {
    this.actions = actions;
    this.spec = actions.spec;
    this.threads = threads;
    this.tls = spec.isHttps();
  }

  /** Whether a path belongs to the sign-in, and needs none. */
  boolean serves(String path) {
    return spec.openId() != null
        && spec.missingForActions().isEmpty()
        && (path.equals(BEGIN) || path.equals(RETURN));
  }

  /** The response to a GET. Never blocks. */
  CompletableFuture<Response> answer(HttpRequest received, String path, InetAddress from) {
    HttpHeaders headers = received.headers();
    Request request = RequestReader.read(received.uri(), headers, "", Visitor.ANYONE);
    if (!actions.rates.allows(from)) {
      return actions.tooMany(request);
    }
    OpenIdProvider provider = Objects.requireNonNull(spec.openId());
    AdminAccess.OpenIdConnect settings = Objects.requireNonNull(spec.access().openIdConnect());
    String redirectUri =
        settings.redirectUri((tls ? "https://" : "http://") + headers.get(HttpHeaderNames.HOST));
    return threads.call(
        () -> {
          try {
            return path.equals(BEGIN)
                ? begin(provider, request, Cookies.session(headers, tls), redirectUri)
                : end(provider, settings, request, Cookies.openId(headers, tls), redirectUri, from);
          } catch (OpenIdException failed) {
            if (failed.isRefusal()) {
              actions.refusals.refused(from, SignInRefusal.WRONG);
            }
            log.atWarn()
                .addKeyValue("issuer", settings.client().issuer())
                .addKeyValue("detail", failed.getMessage())
                .log("a sign-in with OpenID Connect failed");
            return spec.problemPage()
                .of(request, failed.isRefusal() ? 403 : 502, failed.shown(), Actions.SIGN_IN);
          }
        },
        LIMIT);
  }

  private Response begin(
      OpenIdProvider provider, Request request, Optional<String> session, String redirectUri)
      throws OpenIdException {
    OpenIdRequest signIn =
        OpenIdRequest.begin(
            request.parameter("again").isPresent(),
            Actions.own(request.parameter("next").orElse("/")));
    String address = provider.authorization(signIn, redirectUri);
    if (!announced.equals(redirectUri)) {
      // The provider tells only the person if it does not know the address.
      announced = redirectUri;
      log.atInfo()
          .addKeyValue("redirectUri", redirectUri)
          .log("OpenID Connect: the provider must have this redirect URI");
    }
    session.ifPresent(id -> actions.sessions.replaceLater(id, signIn.cookie()));
    return Actions.to(address).with("Set-Cookie", Cookies.setOpenId(signIn.cookie(), tls));
  }

  private Response end(
      OpenIdProvider provider,
      AdminAccess.OpenIdConnect settings,
      Request request,
      Optional<String> cookie,
      String redirectUri,
      InetAddress from)
      throws OpenIdException {
    String state = request.parameter("state").orElse("");
    OpenIdRequest signIn =
        cookie
            .flatMap(OpenIdRequest::of)
            .filter(each -> each.hasState(state))
            .filter(each -> actions.sessions.isFirst(state))
            .orElseThrow(
                () ->
                    OpenIdException.refused(
                        "this browser has begun no such sign-in at this address in the last 10"
                            + " minutes; sign in again",
                        "the state is not that of the browser's cookie; people must open the pages"
                            + " at the host of the redirect URI "
                            + redirectUri));
    Optional<String> error = request.parameter("error");
    if (error.isPresent()) {
      String text = ShortText.printable(error.get(), MAX_ERROR);
      throw OpenIdException.refused(
          "the identity provider refuses the sign-in: " + text,
          "the provider refuses: "
              + text
              + " "
              + ShortText.printable(request.parameter("error_description").orElse(""), MAX_ERROR));
    }
    OpenIdUser user = provider.redeem(signIn, redirectUri, request.parameter("code").orElse(""));
    Visitor visitor = visitor(settings, user, from);
    Duration age =
        user.authenticated()
            .map(time -> Duration.between(time, actions.clock.instant()))
            // A later time would count as recent for as long as the provider likes.
            .filter(since -> since.compareTo(OpenIdProvider.MAX_SKEW.negated()) >= 0)
            .map(since -> since.isNegative() ? Duration.ZERO : since)
            .orElse(AdminSessions.FRESH);
    if (signIn.again() && age.compareTo(AdminSessions.FRESH) >= 0) {
      throw OpenIdException.refused(
          "the identity provider did not ask for your password again, which this change needs",
          "the ID token has no auth_time of the last 5 minutes; let the provider add that claim");
    }
    actions.log(visitor, from, Via.PAGES, "sign-in", List.of(Change.done(user.subject(), "", "")));
    actions.sessions.endReplaced(signIn.cookie());
    String session =
        actions.sessions.begin(
            visitor,
            access ->
                settings.equals(access.openIdConnect())
                    ? Optional.of(visitor.role())
                    : Optional.empty(),
            age);
    // A redirect would belong to the provider's request, so browsers would not send the cookie.
    return Response.line(200, "You have signed in. If nothing happens, open the pages again.")
        .with("Set-Cookie", Cookies.set(session, tls))
        .with("Refresh", "0;url=" + Actions.own(signIn.next()));
  }

  private Visitor visitor(AdminAccess.OpenIdConnect settings, OpenIdUser user, InetAddress from)
      throws OpenIdException {
    boolean taken =
        spec.access().users().stream().anyMatch(each -> each.name().equals(user.name()))
            || spec.access().tokens().stream().anyMatch(each -> each.name().equals(user.name()));
    String name = taken ? user.name() + " (OpenID Connect)" : user.name();
    String subject = settings.client().issuer() + " " + user.subject();
    Optional<Role> role =
        user.roles().stream()
            .map(settings.roles()::get)
            .filter(Objects::nonNull)
            .max(Comparator.naturalOrder());
    if (role.isPresent()) {
      return new Visitor(name, subject, role.get(), Visitor.By.SESSION, path -> "");
    }
    String shown =
        "you have no role here: ask for one of "
            + ShortText.list(new TreeSet<>(settings.roles().keySet()), ", ", 10);
    actions.log(
        new Visitor(name, subject, Role.VIEWER, Visitor.By.NOTHING, path -> ""),
        from,
        Via.PAGES,
        "sign-in",
        List.of(Change.refused(user.subject(), shown)));
    String claim = settings.client().rolesClaim();
    throw OpenIdException.refused(
        shown,
        name
            + " has no role: the claim '"
            + claim
            + "' of the ID token "
            + (user.roles().isEmpty()
                ? "is missing; let the provider add it, or set admin.openIdConnect.rolesClaim"
                : "has " + ShortText.printable(user.roles().toString(), MAX_ERROR))
            + "; "
            + shown);
  }
}
