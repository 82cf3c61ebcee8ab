package org.tlsuplift.server.http.api;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.util.ArrayList;
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

/** The paths below {@code /api/}. */
public final class Api {
  private Api() {}

  /**
   * All routes.
   *
   * @param inventory null for none; then there are no routes for devices
   * @param messages null for none; then there are no routes for messages
   * @param sessions the open sessions
   * @param endings what expires soon, in any order
   * @param signIn the listeners on which TLS Uplift signs in for the devices
   * @param incidents what stops sessions or mail now
   * @param check the latest check that was started from a page; empty if there was none
   */
  public static List<ResourcePath> routes(
      @Nullable Inventory inventory,
      @Nullable Messages messages,
      LiveSessions sessions,
      Supplier<List<ExpiringItem>> endings,
      Set<String> signIn,
      Supplier<List<?>> incidents,
      Supplier<Optional<?>> check) {
    List<ResourcePath> routes = new ArrayList<>();
    byte[] description = description();
    routes.add(
        new ResourcePath(
            "/api/openapi.yaml", request -> Response.bytes(200, "application/yaml", description)));
    routes.add(new ResourcePath("/api/sessions", request -> json(sessions.now())));
    routes.add(
        new ResourcePath(
            "/api/overview",
            new OverviewResource(inventory, sessions, endings, signIn, incidents)));
    routes.add(
        new ResourcePath(
            "/api/doctor", request -> json(check.get().<Object>map(run -> run).orElse(Map.of()))));
    if (inventory != null) {
      DevicesResource devices = new DevicesResource(inventory);
      routes.add(new ResourcePath("/api/devices", devices));
      routes.add(new ResourcePath("/api/devices.csv", devices::csv));
      routes.add(new ResourcePath("/api/devices/{address}", devices::device));
    }
    if (messages != null) {
      MessagesResource resource = new MessagesResource(messages, Clock.systemUTC());
      routes.add(new ResourcePath("/api/messages", resource));
      routes.add(new ResourcePath("/api/messages.csv", resource::csv));
    }
    return routes;
  }

  static Response json(Object value) throws IOException {
    return Response.json(value);
  }

  private static byte[] description() {
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
