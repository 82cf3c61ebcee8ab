package org.tlsuplift.server.testing.platform;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The codes that people type into a browser (RFC 8628). Thread-safe. */
final class DeviceCodes {
  private final Clock clock;
  private final Map<String, Code> codes = new ConcurrentHashMap<>();
  private volatile Duration lifetime = Duration.ofMinutes(15);

  DeviceCodes(Clock clock) {
    this.clock = clock;
  }

  /**
   * A code and what became of it.
   *
   * @param device the long one, which the application keeps
   * @param user the short one, which is typed
   * @param application who has asked for it
   * @param expires when it ends
   * @param approvedBy who has typed it in, or null
   * @param declined whether somebody said no
   */
  record Code(
      String device,
      String user,
      AppRegistration application,
      Instant expires,
      @Nullable String approvedBy,
      boolean declined) {}

  void live(Duration duration) {
    lifetime = duration;
  }

  Duration lifetime() {
    return lifetime;
  }

  Code issue(AppRegistration application) {
    String device = "DAQABIQEAAAD" + UUID.randomUUID().toString().replace("-", "").repeat(4);
    String user =
        UUID.randomUUID().toString().replace("-", "").substring(0, 9).toUpperCase(Locale.ROOT);
    Code code = new Code(device, user, application, clock.instant().plus(lifetime), null, false);
    codes.put(device, code);
    return code;
  }

  Optional<Code> find(String device) {
    return Optional.ofNullable(codes.get(device));
  }

  void spend(Code code) {
    codes.remove(code.device());
  }

  boolean isExpired(Code code) {
    return !clock.instant().isBefore(code.expires());
  }

  void approve(String userCode, String user) {
    answer(userCode, user, false);
  }

  void decline(String userCode) {
    answer(userCode, null, true);
  }

  private void answer(String userCode, @Nullable String by, boolean declined) {
    Code code =
        codes.values().stream()
            .filter(each -> each.user().equals(userCode))
            .findFirst()
            .orElseThrow(() -> new AssertionError("no such code: " + userCode));
    codes.put(
        code.device(),
        new Code(code.device(), code.user(), code.application(), code.expires(), by, declined));
  }
}
