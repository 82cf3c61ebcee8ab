package org.tlsuplift.server.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import java.net.InetAddress;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.model.UnhandledVariantException;
import org.tlsuplift.server.feature.Role;
import org.tlsuplift.server.http.AdminAccessFilter.Admission;

/**
 * Finds the resource of a request, and runs it on a thread that may block.
 *
 * @param threads run the resources, which may block
 * @param begin how long they may take
 */
record AdminPages(
    AdminAccessFilter adminAccessFilter,
    MetricsResource metricsResource,
    HealthState health,
    ResourceTable resourceTable,
    Actions actions,
    OpenIdSignIn openIdSignIn,
    AdminThreads.Pool threads,
    Duration begin) {
  private static final Logger log = LoggerFactory.getLogger(AdminPages.class);

  /**
   * How many bytes the body of a request may have, which is a form; 0 if it may have none.
   *
   * @param path the path of the request
   */
  int maxForm(HttpRequest request, String path) {
    return HttpMethod.POST.equals(request.method()) ? actions.maxForm(path) : 0;
  }

  /**
   * The response to a request; never fails. Never blocks.
   *
   * @param path the path of the request
   * @param peer the client or a proxy
   * @param form its body, if it may have one
   */
  CompletableFuture<Response> answer(
      HttpRequest request, String path, InetAddress peer, byte[] form) {
    InetAddress from = actions.spec.front().client(peer, request.headers());
    return CompletableFuture.completedFuture(path)
        .thenCompose(any -> adminAccessFilter.admit(request, path, isOpen(path), from))
        .thenCompose(admission -> answer(request, path, from, form, admission))
        .exceptionally(failure -> failed(path, failure));
  }

  private CompletableFuture<Response> answer(
      HttpRequest request, String path, InetAddress from, byte[] form, Admission admission) {
    if (admission instanceof Admission.Refused refused) {
      return CompletableFuture.completedFuture(refused.response());
    }
    if (admission instanceof Admission.Admitted admitted) {
      return maxForm(request, path) > 0
          ? actions.answer(request.headers(), path, form, from, admitted.visitor())
          : admitted(request, path, from, admitted.visitor());
    }
    throw new UnhandledVariantException(admission);
  }

  private boolean isOpen(String path) {
    try {
      return openIdSignIn.serves(path)
          || resourceTable.find(path).filter(found -> found.role() == null).isPresent();
    } catch (IllegalArgumentException malformed) {
      return false;
    }
  }

  private CompletableFuture<Response> admitted(
      HttpRequest request, String path, InetAddress from, Visitor visitor) {
    boolean reads =
        HttpMethod.GET.equals(request.method()) || HttpMethod.HEAD.equals(request.method());
    return switch (path) {
      case "/metrics" ->
          reads ? metricsResource.answer(accept(request.headers())) : readingOnly(path);
      case "/healthz" -> reads ? CompletableFuture.completedFuture(liveness()) : readingOnly(path);
      case "/readyz" -> reads ? CompletableFuture.completedFuture(readiness()) : readingOnly(path);
      default ->
          !openIdSignIn.serves(path)
              ? routed(request, path, reads, visitor)
              : HttpMethod.GET.equals(request.method())
                  ? openIdSignIn.answer(request, path, from)
                  : readingOnly(path);
    };
  }

  private CompletableFuture<Response> routed(
      HttpRequest request, String path, boolean reads, Visitor visitor) {
    try {
      Optional<ResourceTable.Match> found = resourceTable.find(path);
      if (found.isEmpty()) {
        return error(
            path,
            404,
            ErrorResponses.isForScripts(path)
                ? "no such resource; /api/openapi.yaml lists all of them"
                : "no such page; see the list at /");
      }
      Role needed = found.get().role();
      Request asked =
          RequestReader.read(request.uri(), request.headers(), found.get().variable(), visitor);
      if (needed != null && !visitor.role().includes(needed)) {
        return CompletableFuture.completedFuture(
            actions.refusal(asked, 403, visitor.lacks(needed)));
      }
      return reads ? made(found.get().resource(), asked) : readingOnly(path);
    } catch (IllegalArgumentException malformed) {
      return error(path, 400, "the percent-encoding of the path or the query is invalid");
    }
  }

  private CompletableFuture<Response> made(Resource resource, Request request) {
    return threads
        .call(() -> run(resource, request), begin)
        .exceptionally(failure -> failed(request.path(), failure));
  }

  /** Throws no exception: after the limit, nobody would see it. */
  private Response run(Resource resource, Request request) {
    try {
      return resource.answer(request);
    } catch (InterruptedException late) {
      Thread.currentThread().interrupt();
      return failed(request.path(), new TimeoutException());
    } catch (Exception failure) {
      return failed(request.path(), failure);
    }
  }

  /** The response instead of one that failed; logs what the operator must know. */
  Response failed(String path, Throwable failure) {
    if (failure instanceof CompletionException wrapped && wrapped.getCause() != null) {
      return failed(path, wrapped.getCause());
    }
    if (failure instanceof BadRequestException refused) {
      return ErrorResponses.of(path, refused.status(), String.valueOf(refused.getMessage()));
    }
    if (failure instanceof RejectedExecutionException) {
      return ErrorResponses.of(path, 503, "too many requests at once; try again later")
          .with("Retry-After", "5");
    }
    if (failure instanceof TimeoutException) {
      return ErrorResponses.of(
              path, 503, "no response within " + begin.toSeconds() + " s; try again later")
          .with("Retry-After", "30");
    }
    if (failure instanceof SQLException away) {
      log.atWarn()
          .addKeyValue("path", path)
          .addKeyValue("detail", String.valueOf(away.getMessage()))
          .log("the inventory cannot be read");
      log.debug("the inventory cannot be read", away);
      return ErrorResponses.of(
              path,
              503,
              "the inventory cannot be read now; the cause is in the log; try again later")
          .with("Retry-After", "30");
    }
    log.atError()
        .setCause(failure)
        .addKeyValue("path", path)
        .log("A page of the admin port failed");
    return ErrorResponses.of(path, 500, "the request failed; the cause is in the log");
  }

  private static CompletableFuture<Response> readingOnly(String path) {
    return CompletableFuture.completedFuture(
        ErrorResponses.of(path, 405, "only GET and HEAD are allowed").with("Allow", "GET, HEAD"));
  }

  private static CompletableFuture<Response> error(String path, int status, String detail) {
    return CompletableFuture.completedFuture(ErrorResponses.of(path, status, detail));
  }

  private static String accept(HttpHeaders headers) {
    return String.join(",", headers.getAll(HttpHeaderNames.ACCEPT));
  }

  private Response liveness() {
    int blocked = health.blockedLoops();
    return blocked == 0
        ? Response.line(200, health.withProblems("ok") + unrecorded())
        : Response.line(503, blocked + " event loops do not respond; the log says why");
  }

  private Response readiness() {
    HealthState.Phase phase = health.phase();
    return Response.line(
        phase == HealthState.Phase.READY ? 200 : 503,
        health.withProblems(phase.explanation()) + unrecorded());
  }

  /** The status stays: neither a restart nor another instance would bring the records back. */
  private String unrecorded() {
    long missing = actions.spec.journal().missing();
    return missing == 0 ? "" : "; " + missing + " actions are missing in the audit log";
  }
}
