package org.tlsuplift.server.testing.platform;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;

/**
 * A JSON Web Token (RFC 7519) that is signed (RFC 7515) with an RSA key.
 *
 * @param header its header
 * @param claims its claims
 * @param signed the text that is signed
 * @param signature what it is signed with, in Base64
 */
record Jwt(JsonNode header, JsonNode claims, String signed, String signature) {
  static final ObjectMapper JSON = new ObjectMapper();
  private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();

  /** Signs with RS256. */
  static String sign(Map<String, ?> header, Map<String, ?> claims, PrivateKey key) {
    try {
      String signed =
          ENCODER.encodeToString(JSON.writeValueAsBytes(header))
              + "."
              + ENCODER.encodeToString(JSON.writeValueAsBytes(claims));
      Signature signature = Signature.getInstance("SHA256withRSA");
      signature.initSign(key);
      signature.update(signed.getBytes(StandardCharsets.US_ASCII));
      return signed + "." + ENCODER.encodeToString(signature.sign());
    } catch (JsonProcessingException | GeneralSecurityException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /** Takes a text apart; empty when it is none. */
  static Optional<Jwt> parse(String text) {
    String[] parts = text.split("\\.", -1);
    if (parts.length != 3) {
      return Optional.empty();
    }
    try {
      Base64.Decoder decoder = Base64.getUrlDecoder();
      return Optional.of(
          new Jwt(
              JSON.readTree(new String(decoder.decode(parts[0]), StandardCharsets.UTF_8)),
              JSON.readTree(new String(decoder.decode(parts[1]), StandardCharsets.UTF_8)),
              parts[0] + "." + parts[1],
              parts[2]));
    } catch (IllegalArgumentException | JsonProcessingException malformed) {
      return Optional.empty();
    }
  }

  /** Whether it was signed with the private half of this key. */
  boolean isSignedBy(PublicKey key) {
    try {
      Signature verifier;
      switch (header.path("alg").asText()) {
        case "RS256" -> verifier = Signature.getInstance("SHA256withRSA");
        case "PS256" -> {
          verifier = Signature.getInstance("RSASSA-PSS");
          verifier.setParameter(
              new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, 32, 1));
        }
        default -> {
          return false;
        }
      }
      verifier.initVerify(key);
      verifier.update(signed.getBytes(StandardCharsets.US_ASCII));
      return verifier.verify(Base64.getUrlDecoder().decode(signature));
    } catch (GeneralSecurityException | IllegalArgumentException broken) {
      return false;
    }
  }
}
