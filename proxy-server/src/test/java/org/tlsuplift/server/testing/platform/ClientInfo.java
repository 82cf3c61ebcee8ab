package org.tlsuplift.server.testing.platform;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Base64;
import java.util.UUID;

/** What the platform says about a user in {@code client_info}, by which libraries know accounts. */
final class ClientInfo {
  private ClientInfo() {}

  static String of(String user, String tenant) {
    String json = "{\"uid\":\"%s\",\"utid\":\"%s\"}".formatted(objectId(user), tenant);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(json.getBytes(UTF_8));
  }

  static String objectId(String user) {
    return UUID.nameUUIDFromBytes(user.getBytes(UTF_8)).toString();
  }
}
