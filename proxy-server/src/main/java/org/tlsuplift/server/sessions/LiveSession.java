package org.tlsuplift.server.sessions;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A session as it is at a moment. What devices say may be any printable text.
 *
 * @param id as in logs
 * @param listener where it came in
 * @param device its address
 * @param openedAt when
 * @param target where it wants to go, or null while that is not known
 * @param action bridge, tunnel or deny, or null while that is not decided
 * @param offered the newest version that the device offers, or null
 * @param agreed the version agreed on with the device, or null
 * @param agreedWithOrigin the version agreed on with the origin, or null
 * @param bytesUp payload to the origin
 * @param bytesDown payload to the device
 */
public record LiveSession(
    String id,
    String listener,
    String device,
    Instant openedAt,
    @Nullable String target,
    @Nullable String action,
    @JsonProperty("offeredVersion") @Nullable String offered,
    @JsonProperty("agreedVersion") @Nullable String agreed,
    @JsonProperty("originVersion") @Nullable String agreedWithOrigin,
    long bytesUp,
    long bytesDown) {}
