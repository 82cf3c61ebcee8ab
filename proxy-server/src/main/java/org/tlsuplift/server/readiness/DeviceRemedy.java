package org.tlsuplift.server.readiness;

import java.util.ArrayList;
import java.util.List;
import org.tlsuplift.server.inventory.DeviceRecord;
import org.tlsuplift.server.inventory.ListenerNeed;
import org.tlsuplift.server.inventory.Need;

/** The remedies for a device, as text. */
final class DeviceRemedy {
  private DeviceRemedy() {}

  static List<String> of(DeviceRecord device, List<ListenerNeed> needs) {
    List<String> remedies = new ArrayList<>();
    for (Need need : Need.values()) {
      if (needs.stream().anyMatch(shown -> shown.need() == need)) {
        remedies.add(against(need));
      }
    }
    if (device.trust() == DeviceRecord.Trust.NO) {
      remedies.add("it does not trust the CA: install it ('tls-uplift ca export')");
    }
    return List.copyOf(remedies);
  }

  static String against(Need need) {
    return switch (need) {
      case NO_ENCRYPTION -> "it does not encrypt: switch TLS or STARTTLS on in its mail settings";
      case TOO_OLD ->
          "update its firmware, or switch TLS 1.2 on in its settings; otherwise replace it";
      case ONLY_TLS_RSA ->
          "update its firmware, or switch ECDHE suites on: it supports TLS 1.2, but only with"
              + " TLS_RSA";
      case NO_ACCEPTED_SUITE ->
          "update its firmware, or switch ECDHE with AES-GCM on: it supports TLS 1.2, but no"
              + " suite that Microsoft 365 accepts";
      case OLD_SUITE ->
          "update its firmware, or switch AES-GCM on; or tunnel it with 'whenModern: tunnel':"
              + " Microsoft 365 accepts its suites";
      case UNKNOWN -> "update TLS Uplift here: a newer version stored this need";
    };
  }
}
