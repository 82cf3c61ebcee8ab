package org.tlsuplift.server.inventory;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.TlsVersion;

/**
 * A device. The name and the texts that it sent (introduction, server name, destinations) may
 * contain any printable text: escape them wherever they are shown.
 *
 * @param name configured or from DNS; may be empty
 * @param verdictText the verdict in words
 * @param legacyHandshakes below TLS 1.2
 * @param modernHandshakes with TLS 1.2 or 1.3, tunnelled ones too
 * @param plaintextSessions without TLS
 * @param failures sessions that failed
 * @param bytesUp payload to origins
 * @param bytesDown payload to the device
 * @param ssl2Hellos hellos in the framing of SSL 2.0
 * @param worstVersion the oldest version ever agreed to, or null
 * @param latestVersion the version agreed to last, or null
 * @param latestSuite the suite agreed to last; may be empty
 * @param offeredVersion the newest version it offered last, or null
 * @param tooOld the newest version of those it offered when it offered none from TLS 1.2 up, or
 *     null
 * @param ja4 its fingerprint; may be empty
 * @param suggests what program the fingerprint belongs to; empty when it is not known
 * @param serverName the SNI it sent last; may be empty
 * @param introduction what it said in HELO or EHLO; may be empty
 * @param latestFailure the latest failure; may be empty
 * @param latestFailureAt when that was, or null
 * @param trust whether it trusts our CA
 * @param listeners the listeners that it used
 * @param waysIn how devices name their destination at these listeners
 * @param destinations the latest first
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record DeviceRecord(
    String address,
    String name,
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
    @JsonProperty("trustsCa") Trust trust,
    @JsonInclude List<String> listeners,
    @JsonInclude List<String> waysIn,
    @JsonInclude List<String> destinations) {
  public DeviceRecord {
    listeners = List.copyOf(listeners);
    waysIn = List.copyOf(waysIn);
    destinations = List.copyOf(destinations);
  }

  /** With its listeners and destinations. */
  public DeviceRecord with(List<String> listeners, List<String> waysIn, List<String> destinations) {
    return new DeviceRecord(
        address,
        name,
        verdict,
        verdictText,
        firstSeen,
        lastSeen,
        sessions,
        legacyHandshakes,
        modernHandshakes,
        plaintextSessions,
        failures,
        bytesUp,
        bytesDown,
        ssl2Hellos,
        worstVersion,
        latestVersion,
        latestSuite,
        offeredVersion,
        tooOld,
        ja4,
        suggests,
        serverName,
        introduction,
        latestFailure,
        latestFailureAt,
        trust,
        listeners,
        waysIn,
        destinations);
  }

  /** Whether the CA has to be installed on it: it was seen recently and does not trust our CA. */
  @JsonIgnore
  public boolean isRefusingCa() {
    return trust == Trust.NO && verdict != Verdict.NOT_SEEN;
  }

  /** Whether a session of it has not failed. */
  @JsonIgnore
  public boolean isWorking() {
    return legacyHandshakes + modernHandshakes + plaintextSessions > 0 && sessions > failures;
  }

  /** Whether a device trusts our CA, by what it did last. */
  public enum Trust {
    /** It completed a handshake with a certificate of the CA. */
    YES,
    /** It refused a certificate of the CA. */
    NO,
    /** It had no such handshake, or disconnected after it without sending anything. */
    UNKNOWN
  }
}
