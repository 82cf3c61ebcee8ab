package org.tlsuplift.server.inventory;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.TlsVersion;

/**
 * A device. The name and the texts that the device sent (introduction, server name, destinations)
 * may contain any printable text, so every output must escape them.
 *
 * @param name configured or from DNS; may be empty
 * @param label the name, or else the name in HELO or EHLO if no other device uses it; may be empty
 * @param notes what people wrote about it
 * @param verdictText the verdict in words
 * @param legacyHandshakes handshakes below TLS 1.2
 * @param modernHandshakes handshakes with TLS 1.2 or 1.3, including tunnelled sessions
 * @param plaintextSessions sessions without TLS
 * @param failures failed sessions
 * @param bytesUp payload bytes sent to origins
 * @param bytesDown payload bytes sent to the device
 * @param ssl2Hellos ClientHello messages in SSL 2.0 framing
 * @param worstVersion the oldest agreed version, or null
 * @param latestVersion the last agreed version, or null
 * @param latestSuite the last agreed suite; may be empty
 * @param offeredVersion the newest version in the last ClientHello, or null
 * @param tooOld the newest version in the last ClientHello that offered nothing from TLS 1.2 up, or
 *     null
 * @param ja4 the last JA4 fingerprint; may be empty
 * @param suggests the program that usually has this fingerprint; empty if unknown
 * @param serverName the last SNI; may be empty
 * @param introduction the last name in HELO or EHLO; may be empty
 * @param latestFailure the latest failure; may be empty
 * @param latestFailureAt the time of the latest failure, or null
 * @param problems its failures and the refusals by its mail origins, the latest first
 * @param ecRefusedAt when a handshake with an EC key failed, if the device gets RSA keys since then
 * @param trust whether the device trusts our CA
 * @param listeners the listeners that the device used
 * @param waysIn the {@code accept} values of these listeners
 * @param destinations the latest first
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record DeviceRecord(
    String address,
    String name,
    @JsonIgnore String label,
    @JsonUnwrapped DeviceNotes notes,
    Verdict verdict,
    String verdictText,
    Instant firstSeen,
    Instant lastSeen,
    long sessions,
    long legacyHandshakes,
    long modernHandshakes,
    long plaintextSessions,
    long failures,
    long bytesUp,
    long bytesDown,
    long ssl2Hellos,
    @Nullable String worstVersion,
    @Nullable String latestVersion,
    String latestSuite,
    @Nullable String offeredVersion,
    @JsonIgnore @Nullable TlsVersion tooOld,
    String ja4,
    String suggests,
    String serverName,
    String introduction,
    String latestFailure,
    @Nullable Instant latestFailureAt,
    @JsonIgnore List<DeviceProblem> problems,
    @Nullable Instant ecRefusedAt,
    @JsonProperty("trustsCa") Trust trust,
    @JsonInclude List<String> listeners,
    @JsonInclude List<String> waysIn,
    @JsonInclude List<String> destinations) {
  public DeviceRecord {
    problems = List.copyOf(problems);
    listeners = List.copyOf(listeners);
    waysIn = List.copyOf(waysIn);
    destinations = List.copyOf(destinations);
  }

  /**
   * Whether the operator must install the CA: the device was seen recently and does not trust it.
   */
  @JsonIgnore
  public boolean isRefusingCa() {
    return trust == Trust.NO && verdict != Verdict.NOT_SEEN;
  }

  /** Whether at least one session has not failed, and the latest one was not refused. */
  @JsonIgnore
  public boolean isWorking() {
    return legacyHandshakes + modernHandshakes + plaintextSessions > 0
        && sessions > failures
        && refusal().isEmpty();
  }

  /** The latest failure or refusal by an origin, which a later success may have ended. */
  public Optional<DeviceProblem> latestProblem() {
    return problems.stream().findFirst();
  }

  /** The refusal of the latest session by its mail origin; empty if it was not refused. */
  public Optional<DeviceProblem> refusal() {
    return problems.stream()
        .filter(problem -> problem.kind() == FactKind.REPLY && !problem.ended())
        .findFirst()
        .filter(latest -> !latest.lastSeen().isBefore(lastSeen));
  }

  /** Whether a device trusts our CA, from the latest evidence. */
  public enum Trust {
    /** The device completed a handshake with a certificate of the CA. */
    YES,
    /** The device rejected a certificate of the CA. */
    NO,
    /**
     * No handshake used such a certificate, or the device disconnected after it without sending
     * data.
     */
    UNKNOWN
  }
}
