package org.tlsuplift.server.http;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.tlsuplift.proxy.model.Digests;
import org.tlsuplift.server.feature.Role;
import org.tlsuplift.server.text.UrlSafe;

/**
 * The sessions of people who signed in. Only hashes of their ids are kept, in memory. A session
 * ends when its user is removed or gets another password, or when the provider of its user changes.
 * Thread-safe.
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

  private final Ticker clock;

  /** By the hash of the id; the one that was used least recently is the first. */
  private final Map<String, Session> open = new LinkedHashMap<>(16, 0.75f, true);

  /** The states of sign-ins at an OpenID provider that came back. */
  private final Cache<String, Boolean> finished;

  /** The hashes of the sessions in which such sign-ins began, by the cookies of the sign-ins. */
  private final Cache<String, String> replaced;

  AdminSessions(Ticker clock) {
    this.clock = clock;
    // As long as the cookies of the sign-ins live.
    Caffeine<Object, Object> signIns =
        Caffeine.newBuilder().ticker(clock).expireAfterWrite(Duration.ofMinutes(10));
    finished = signIns.maximumSize(10_000).build();
    replaced = signIns.build();
  }

  private final class Session {
    private final Visitor user;
    private final Grant grant;
    private final long begun = clock.read();
    private final long authenticated;
    private long used = begun;

    /** The paths of the actions by the tokens of their forms, the oldest first. */
    private final Map<String, String> forms = new LinkedHashMap<>();

    private String noticePage = "";
    private String notice = "";

    Session(Visitor user, Grant grant, Duration age) {
      this.user = user;
      this.grant = grant;
      this.authenticated = begun - age.toNanos();
    }

    boolean isOver(long now) {
      return now - begun >= LIFE.toNanos() || now - used >= IDLE.toNanos();
    }
  }

  /** What a session gives its user with the configuration in use. */
  interface Grant {
    /** Empty if the session has ended. */
    Optional<Role> role(AdminAccess access);
  }

  /** Begins a session of a user who has just entered the password. */
  String begin(AdminAccess.User user) {
    return begin(
        new Visitor(user.name(), user.role(), Visitor.By.SESSION),
        access ->
            access.users().stream()
                .filter(each -> each.name().equals(user.name()))
                .filter(each -> each.password().encoded().equals(user.password().encoded()))
                .map(AdminAccess.User::role)
                .findFirst(),
        Duration.ZERO);
  }

  /**
   * Begins a session. The oldest one ends if there are too many.
   *
   * @param age the time since the user entered a password
   * @return its id, for the cookie only
   */
  synchronized String begin(Visitor user, Grant grant, Duration age) {
    long now = clock.read();
    open.values().removeIf(session -> session.isOver(now));
    Map<String, Integer> counts = new HashMap<>();
    open.values().forEach(session -> counts.merge(session.user.key(), 1, Integer::sum));
    boolean ofUser = counts.getOrDefault(user.key(), 0) >= MAX_PER_USER;
    if (ofUser || open.size() >= MAX) {
      String last =
          open.entrySet().stream()
              .filter(each -> !ofUser || each.getValue().user.key().equals(user.key()))
              .findFirst()
              .orElseThrow()
              .getKey();
      open.remove(last);
    }
    String id = UrlSafe.random();
    open.put(Digests.sha256(id), new Session(user, grant, age));
    return id;
  }

  /** The user of a session, which counts as used; empty if it has ended. */
  synchronized Optional<Visitor> find(String id, AdminAccess access) {
    String key = Digests.sha256(id);
    Session session = open.get(key);
    if (session == null) {
      return Optional.empty();
    }
    long now = clock.read();
    // The role is that of the configuration in use, not that of the sign-in.
    Optional<Role> role = session.grant.role(access);
    if (role.isEmpty() || session.isOver(now)) {
      open.remove(key);
      return Optional.empty();
    }
    session.used = now;
    return Optional.of(
        new Visitor(
            session.user.name(),
            session.user.subject(),
            role.get(),
            Visitor.By.SESSION,
            forms(key)));
  }

  synchronized void end(String id) {
    open.remove(Digests.sha256(id));
  }

  /**
   * Notes the session in which a sign-in at an OpenID provider begins: browsers do not send the
   * cookie of a session with the request to which the provider sends them.
   *
   * @param signIn the cookie of the sign-in
   */
  synchronized void replaceLater(String id, String signIn) {
    String key = Digests.sha256(id);
    if (open.containsKey(key)) {
      replaced.put(signIn, key);
    }
  }

  /** Ends the session in which a sign-in began. */
  synchronized void endReplaced(String signIn) {
    open.remove(replaced.asMap().remove(signIn));
  }

  /** Whether the sign-in with this state comes back for the first time. */
  boolean isFirst(String state) {
    return finished.asMap().putIfAbsent(state, true) == null;
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
    Session session = open.get(Digests.sha256(id));
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
    String token = UrlSafe.random();
    session.forms.put(token, path);
    if (session.forms.size() > MAX_FORMS) {
      session.forms.remove(session.forms.keySet().iterator().next());
    }
    return token;
  }

  /** Whether this session has a form with this token for this path, which it has no longer. */
  synchronized boolean takeForm(String id, String path, String token) {
    Session session = open.get(Digests.sha256(id));
    return session != null && session.forms.remove(token, path);
  }

  /** Whether the password was entered within the last five minutes. */
  synchronized boolean isFresh(String id) {
    Session session = open.get(Digests.sha256(id));
    return session != null && clock.read() - session.authenticated < FRESH.toNanos();
  }
}
