package org.tlsuplift.server.http.api;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.http.ResourcePath;
import org.tlsuplift.server.http.Response;
import org.tlsuplift.server.inventory.Inventory;
import org.tlsuplift.server.inventory.LiveSessions;
import org.tlsuplift.server.inventory.messages.Messages;
import org.tlsuplift.server.readiness.ExpiringItem;

/** The paths below {@code /api/}, by subject. */
public final class Api {
  private Api() {}

  public static ResourcePath description() {
    byte[] yaml = yaml();
    return new ResourcePath(
        "/api/openapi.yaml", request -> Response.bytes(200, "application/yaml", yaml));
  }

  public static ResourcePath sessions(LiveSessions sessions) {
    return new ResourcePath("/api/sessions", request -> Response.json(sessions.now()));
  }

  /**
   * @param inventory null for none
   * @param endings what expires soon, in any order
   * @param signIn the listeners on which TLS Uplift signs in for the devices
   * @param incidents what stops sessions or mail now
   */
  public static ResourcePath overview(
      @Nullable Inventory inventory,
      LiveSessions sessions,
      Supplier<List<ExpiringItem>> endings,
      Set<String> signIn,
      Supplier<List<?>> incidents) {
    return new ResourcePath(
        "/api/overview", new OverviewResource(inventory, sessions, endings, signIn, incidents));
  }

  /**
   * @param check the latest check that was started from a page; empty if there was none
   */
  public static ResourcePath doctor(Supplier<Optional<?>> check) {
    return new ResourcePath(
        "/api/doctor",
        request -> Response.json(check.get().<Object>map(run -> run).orElse(Map.of())));
  }

  public static List<ResourcePath> devices(Inventory inventory) {
    DevicesResource devices = new DevicesResource(inventory);
    return List.of(
        new ResourcePath("/api/devices", devices),
        new ResourcePath("/api/devices.csv", devices::csv),
        new ResourcePath("/api/devices/{address}", devices::device));
  }

  public static List<ResourcePath> messages(Messages messages) {
    MessagesResource resource = new MessagesResource(messages, Clock.systemUTC());
    return List.of(
        new ResourcePath("/api/messages", resource),
        new ResourcePath("/api/messages.csv", resource::csv));
  }

  private static byte[] yaml() {
    try (InputStream file = Api.class.getResourceAsStream("openapi.yaml")) {
      if (file == null) {
        throw new IllegalStateException("openapi.yaml is missing from the program");
      }
      return file.readAllBytes();
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }
}
