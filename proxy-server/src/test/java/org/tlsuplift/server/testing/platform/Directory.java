package org.tlsuplift.server.testing.platform;

import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** One tenant with its applications. Thread-safe. */
final class Directory {
  private final String tenant = UUID.randomUUID().toString();
  private final String domain;
  private final Map<String, AppRegistration> applications = new ConcurrentHashMap<>();

  Directory(String domain) {
    this.domain = domain;
  }

  String tenant() {
    return tenant;
  }

  AppRegistration register() {
    AppRegistration application = new AppRegistration();
    applications.put(application.id(), application);
    return application;
  }

  /** By the id or by the domain; users may come by way of all tenants. */
  boolean isNamed(String name, boolean byUser) {
    return name.equals(tenant)
        || name.equals(domain)
        || (byUser && (name.equals("organizations") || name.equals("common")));
  }

  Optional<AppRegistration> application(String id) {
    return Optional.ofNullable(applications.get(id));
  }

  /** Why a request cannot be meant for this tenant or has no application, or empty. */
  Optional<Answer> objection(PlatformRequest request, boolean byUser) {
    if (!request.method().equals("POST")) {
      return Optional.of(
          Answer.error(
              400,
              "invalid_request",
              900561,
              "The endpoint only accepts POST requests. Received a GET request."));
    }
    String client = request.get("client_id");
    if (client.isEmpty()) {
      return Optional.of(
          Answer.error(
              400,
              "invalid_request",
              900144,
              "The request body must contain the following parameter: 'client_id'."));
    }
    if (!isNamed(request.tenant(), byUser)) {
      return Optional.of(
          Answer.error(
              400,
              "invalid_request",
              90002,
              "Tenant '%s' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant."
                  .formatted(request.tenant())));
    }
    if (!applications.containsKey(client)) {
      return Optional.of(
          Answer.error(
              400,
              "unauthorized_client",
              700016,
              "Application with identifier '%s' was not found in the directory '%s'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant."
                  .formatted(client, domain)));
    }
    return Optional.empty();
  }
}
