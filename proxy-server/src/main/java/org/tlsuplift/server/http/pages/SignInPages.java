package org.tlsuplift.server.http.pages;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.tlsuplift.server.console.FeaturePages;
import org.tlsuplift.server.console.PageFrame;
import org.tlsuplift.server.console.PageRenderer;
import org.tlsuplift.server.http.Request;
import org.tlsuplift.server.http.ResourcePath;
import org.tlsuplift.server.http.Response;
import org.tlsuplift.server.http.Visitor;

/**
 * The page with the form to sign in, or to sign out. Thread-safe.
 *
 * @param missing what the port lacks so that people can sign in; empty if nothing
 * @param passwords whether people can sign in with a password
 * @param provider where else; empty for none
 */
public record SignInPages(String missing, boolean passwords, String provider)
    implements FeaturePages {
  private static final String PATH = "/sign-in";
  private static final String OUT = "/sign-out";

  /**
   * The texts of the page.
   *
   * @param missing what the port lacks so that people can sign in; empty if nothing
   * @param notice about the form that was sent; may be empty
   * @param user who has signed in; empty for nobody
   * @param form whether people can sign in here now
   * @param passwords whether they can do so with a password
   * @param provider where else; empty for none
   * @param atProvider the address for that
   * @param next the page to open afterwards
   * @param token for signing out
   */
  record SignInPage(
      PageFrame frame,
      String missing,
      String notice,
      String user,
      String role,
      boolean form,
      boolean passwords,
      String provider,
      String atProvider,
      String next,
      String token) {}

  @Override
  public Group group(PageRenderer renderer) {
    return new Group(
        List.of(ResourcePath.open(PATH, request -> page(renderer, request))), List.of());
  }

  private Response page(PageRenderer renderer, Request request) {
    Visitor visitor = request.visitor();
    boolean signedIn = visitor.by() == Visitor.By.SESSION;
    String problem = request.parameter("problem").orElse("");
    String next = request.parameter("next").orElse("/");
    return renderer.page(
        "signin",
        new SignInPage(
            renderer.frame(request, "Sign in", null),
            missing,
            notice(problem),
            signedIn ? visitor.name() : "",
            visitor.role().label(),
            !signedIn || problem.equals("again"),
            passwords,
            provider,
            PATH
                + "/openid?next="
                + URLEncoder.encode(next, StandardCharsets.UTF_8)
                + (problem.equals("again") ? "&again=yes" : ""),
            next,
            visitor.forms().token(OUT)));
  }

  private static String notice(String problem) {
    return switch (problem) {
      case "wrong", "expired" -> "The name or the password is wrong.";
      case "slowed" -> "Too many sign-ins have failed. Wait a minute, then try again.";
      case "busy" -> "Too many sign-ins are being checked. Try again in a few seconds.";
      case "again" ->
          "Enter your password again: this change needs a password of the last 5 minutes.";
      case "out" -> "You have signed out.";
      default -> "";
    };
  }
}
