package org.tlsuplift.server.http;

import com.github.benmanes.caffeine.cache.Ticker;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.tlsuplift.proxy.model.Digests;
import org.tlsuplift.server.audit.Role;

/**
 * The sessions of people who signed in with the form. Only hashes of their ids are kept, in memory.
 * A session ends when its user is removed or gets another password. Thread-safe.
 */
final class AdminSessions {
  static final Duration LIFE = Duration.ofHours(8);
  static final Duration IDLE = Duration.ofMinutes(30);

  /** How long a password counts as just entered. */
  static final Duration FRESH = Duration.ofMinutes(5);

  static final int MAX_PER_USER = 10;
  static final int MAX = 500;

  /** Forms of a session that are open at once, in all its tabs. */
  static final int MAX_FORMS = 64;

  private static final int BYTES = 32;

  private final SecureRandom random = new SecureRandom();
  private final Ticker clock;

  /** By the hash of the id; the one that was used least recently is the first. */
  private final Map<String, Session> open = new LinkedHashMap<>(16, 0.75f, true);

  AdminSessions(Ticker clock) {
    this.clock = clock;
  }

  private final class Session {
    private final AdminAccess.User user;
    private final long begun = clock.read();
    private long used = begun;

    /** The paths of the actions by the tokens of their forms, the oldest first. */
    private final Map<String, String> forms = new LinkedHashMap<>();

    private String noticePage = "";
    private String notice = "";

    Session(AdminAccess.User user) {
      this.user = user;
    }

    boolean isOver(long now) {
      return now - begun >= LIFE.toNanos() || now - used >= IDLE.toNanos();
    }
  }

  /**
   * Begins a session. The oldest one ends if there are too many.
   *
   * @return its id, for the cookie only
   */
  synchronized String begin(AdminAccess.User user) {
    long now = clock.read();
    open.values().removeIf(session -> session.isOver(now));
    Map<String, Integer> counts = new HashMap<>();
    open.values().forEach(session -> counts.merge(session.user.name(), 1, Integer::sum));
    boolean ofUser = counts.getOrDefault(user.name(), 0) >= MAX_PER_USER;
    if (ofUser || open.size() >= MAX) {
      String last =
          open.entrySet().stream()
              .filter(each -> !ofUser || each.getValue().user.name().equals(user.name()))
              .findFirst()
              .orElseThrow()
              .getKey();
      open.remove(last);
    }
    String id = randomText();
    open.put(hash(id), new Session(user));
    return id;
  }

  /** The user of a session, which counts as used; empty if it has ended. */
  synchronized Optional<Visitor> find(String id, AdminAccess access) {
    String key = hash(id);
    Session session = open.get(key);
    if (session == null) {
      return Optional.empty();
    }
    long now = clock.read();
    Optional<AdminAccess.User> user =
        access.users().stream()
            .filter(each -> each.name().equals(session.user.name()))
            .filter(each -> each.password().encoded().equals(session.user.password().encoded()))
            .findFirst();
    if (user.isEmpty() || session.isOver(now)) {
      open.remove(key);
      return Optional.empty();
    }
    session.used = now;
    // The role is that of the configuration in use, not that of the sign-in.
    Role role = user.get().role();
    return Optional.of(new Visitor(user.get().name(), role, Visitor.By.SESSION, forms(key)));
  }

  synchronized void end(String id) {
    open.remove(hash(id));
  }

  private Visitor.Forms forms(String key) {
    return new Visitor.Forms() {
      @Override
      public String token(String path) {
        return form(key, path);
      }

      @Override
      public String notice(String path) {
        return takeNotice(key, path);
      }
    };
  }

  /** Keeps the result of an action for the page that follows. */
  synchronized void keepNotice(String id, String page, String notice) {
    Session session = open.get(hash(id));
    if (session != null) {
      session.noticePage = page;
      session.notice = notice;
    }
  }

  private synchronized String takeNotice(String key, String page) {
    Session session = open.get(key);
    if (session == null || !session.noticePage.equals(page)) {
      return "";
    }
    session.noticePage = "";
    return session.notice;
  }

  /** A token for a form of this session, which is accepted once. */
  private synchronized String form(String key, String path) {
    Session session = open.get(key);
    if (session == null) {
      return "";
    }
    String token = randomText();
    session.forms.put(token, path);
    if (session.forms.size() > MAX_FORMS) {
      session.forms.remove(session.forms.keySet().iterator().next());
    }
    return token;
  }

  /** Whether this session has a form with this token for this path, which it has no longer. */
  synchronized boolean takeForm(String id, String path, String token) {
    Session session = open.get(hash(id));
    return session != null && session.forms.remove(token, path);
  }

  /** Whether the password was entered within the last five minutes. */
  synchronized boolean isFresh(String id) {
    Session session = open.get(hash(id));
    return session != null && clock.read() - session.begun < FRESH.toNanos();
  }

  private String randomText() {
    byte[] bytes = new byte[BYTES];
    random.nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private static String hash(String id) {
    return HexFormat.of().formatHex(Digests.sha256().digest(id.getBytes(StandardCharsets.UTF_8)));
  }
}
