package org.tlsuplift.server.microsoft365;

import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.tlsuplift.proxy.outcome.OperatorException;

/**
 * Refreshes a stored list by Microsoft's protocol: the version first, the list only if the version
 * is another one, and no request for an hour after a response with 429. The caller decides how
 * often; Microsoft allows one check an hour.
 *
 * <p>The methods block for up to two requests. One thread at a time.
 *
 * @param services opens the web service for one refresh
 */
public record ListRefresher(Supplier<ListService> services, ListStore store, Clock clock) {
  /**
   * Checks once, and stores a newer list.
   *
   * @param current the list in use
   * @param anyLoss whether to accept a list that lacks more than a quarter of the current one
   */
  public RefreshResult refresh(PublishedList current, boolean anyLoss) {
    Instant now = now();
    CheckState state = store.state();
    if (state.notBefore() != null && state.isRefused(now)) {
      return new RefreshResult.Waiting(state.notBefore());
    }
    try {
      UUID id = store.clientRequestId();
      store.save(state.askedAt(now));
      try (ListService service = services.get()) {
        return refresh(service, id, current, anyLoss);
      }
    } catch (ListService.TooManyRequestsException refused) {
      return tooMany(refused.getMessage(), now);
    } catch (OperatorException failed) {
      return new RefreshResult.Failed(failed.getMessage());
    } catch (IOException disk) {
      return unwritable(disk);
    }
  }

  private RefreshResult refresh(
      ListService service, UUID id, PublishedList current, boolean anyLoss)
      throws OperatorException, IOException {
    ListVersion latest = service.latest(id);
    if (current.version().isAfter(latest)) {
      return new RefreshResult.Failed(
          "the web service has version %s, which is older than %s in use; check microsoft365.url"
              .formatted(latest, current.version()));
    }
    if (latest.equals(current.version())) {
      confirm(latest);
      return new RefreshResult.Unchanged();
    }
    String endpoints = service.endpoints(id);
    PublishedList next;
    try {
      next = ListJson.read(current.cloud(), latest, now(), endpoints);
    } catch (OperatorException wrong) {
      return new RefreshResult.Failed(
          "version %s is not a list of endpoints: %s; check microsoft365.url, and that no proxy changes the response"
              .formatted(latest, wrong.getMessage()));
    }
    Optional<String> loss = anyLoss ? Optional.empty() : ListLoss.of(current, next);
    if (loss.isPresent()) {
      return new RefreshResult.Failed(
          "version %s lacks %s; compare with 'tls-uplift endpoints diff', and accept it with 'tls-uplift endpoints refresh --accept-loss'"
              .formatted(latest, loss.get()));
    }
    store.save(next, endpoints);
    confirm(latest);
    return new RefreshResult.Replaced(next);
  }

  /** The latest list, which is not stored; for a comparison. */
  public PublishedList fetch(Cloud cloud) throws OperatorException {
    CheckState state = store.state();
    Instant now = now();
    if (state.isRefused(now)) {
      throw new OperatorException("the web service wants no request before " + state.notBefore());
    }
    try {
      UUID id = store.clientRequestId();
      store.save(state.askedAt(now));
      try (ListService service = services.get()) {
        ListVersion latest = service.latest(id);
        return ListJson.read(cloud, latest, now, service.endpoints(id));
      }
    } catch (ListService.TooManyRequestsException refused) {
      var unused = tooMany("", now);
      throw refused;
    } catch (IOException failed) {
      throw new OperatorException(String.valueOf(failed.getMessage()));
    }
  }

  /** In whole seconds, for people who read the files. */
  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.SECONDS);
  }

  private void confirm(ListVersion version) throws IOException {
    store.save(store.state().confirming(version, now()));
  }

  private RefreshResult tooMany(String why, Instant now) {
    CheckState refused = store.state().refused(now);
    try {
      store.save(refused);
      return new RefreshResult.Failed(
          why + "; the next request is sent after " + refused.notBefore());
    } catch (IOException disk) {
      return unwritable(disk);
    }
  }

  private static RefreshResult unwritable(IOException disk) {
    return new RefreshResult.Failed(
        "the endpoint list cannot be stored in dataDirectory (%s); check its owner and free space"
            .formatted(disk));
  }
}
