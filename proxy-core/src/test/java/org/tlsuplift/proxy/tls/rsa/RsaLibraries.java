package org.tlsuplift.proxy.tls.rsa;

import java.lang.ref.WeakReference;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.SignatureException;
import java.security.interfaces.RSAPrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.bouncycastle.crypto.CryptoException;
import org.bouncycastle.crypto.Digest;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.digests.SHA384Digest;
import org.bouncycastle.crypto.digests.SHA512Digest;
import org.bouncycastle.crypto.engines.RSAEngine;
import org.bouncycastle.crypto.params.RSAKeyParameters;
import org.bouncycastle.crypto.signers.PSSSigner;
import org.jspecify.annotations.Nullable;

/**
 * A library that counts its operations and knows its keys: the system's libcrypto where it can be
 * called, otherwise the same functions in Java.
 */
public final class RsaLibraries implements NativeLibcrypto {
  private final NativeLibcrypto library;
  private final AtomicInteger operations = new AtomicInteger();
  private final List<WeakReference<Key>> keys = new CopyOnWriteArrayList<>();

  private RsaLibraries(NativeLibcrypto library) {
    this.library = library;
  }

  public static RsaLibraries any() {
    try {
      return new RsaLibraries(Libcrypto.find());
    } catch (LibcryptoUnavailableException unavailable) {
      return inJava();
    }
  }

  static RsaLibraries inJava() {
    return new RsaLibraries(new InJava());
  }

  /** A library whose operations all fail, with a text of OpenSSL's error queue. */
  public static RsaLibraries refusing() {
    return new RsaLibraries(new Refusing());
  }

  public DeviceRsa rsa() {
    return DeviceRsa.by(new Libcrypto(this));
  }

  public int operations() {
    return operations.get();
  }

  /** The keys that were copied and are not freed. */
  public long keysInUse() {
    return keys.stream().filter(key -> key.get() != null).count();
  }

  @Override
  public String version() {
    return library.version();
  }

  @Override
  public Key parse(byte[] pkcs8) throws GeneralSecurityException {
    Counted key = new Counted(library.parse(pkcs8));
    keys.add(new WeakReference<>(key));
    return key;
  }

  private final class Counted implements Key {
    private final Key key;

    Counted(Key key) {
      this.key = key;
    }

    @Override
    public int size() {
      return key.size();
    }

    @Override
    public byte[] sign(int padding, @Nullable String digest, byte[] input)
        throws GeneralSecurityException {
      operations.incrementAndGet();
      return key.sign(padding, digest, input);
    }

    @Override
    public byte[] decrypt(byte[] input) throws GeneralSecurityException {
      operations.incrementAndGet();
      return key.decrypt(input);
    }
  }

  private record Refusing() implements NativeLibcrypto {
    @Override
    public String version() {
      return "refusing";
    }

    @Override
    public Key parse(byte[] pkcs8) throws GeneralSecurityException {
      Key key = new InJava().parse(pkcs8);
      return new Key() {
        @Override
        public int size() {
          return key.size();
        }

        @Override
        public byte[] sign(int padding, @Nullable String digest, byte[] input)
            throws GeneralSecurityException {
          throw new InvalidKeyException("error:02000070:rsa routines:sign:digest too big");
        }

        @Override
        public byte[] decrypt(byte[] input) throws GeneralSecurityException {
          throw new InvalidKeyException("error:02000084:rsa routines:decrypt:data too large");
        }
      };
    }
  }

  private record InJava() implements NativeLibcrypto {
    @Override
    public String version() {
      return "Java";
    }

    @Override
    public Key parse(byte[] pkcs8) throws GeneralSecurityException {
      return new JavaKey(
          (RSAPrivateKey)
              KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(pkcs8)));
    }
  }

  private record JavaKey(RSAPrivateKey key) implements NativeLibcrypto.Key {
    @Override
    public int size() {
      return (key.getModulus().bitLength() + 7) / 8;
    }

    @Override
    public byte[] sign(int padding, @Nullable String digest, byte[] input)
        throws GeneralSecurityException {
      if (padding == PSS) {
        return pss(String.valueOf(digest), input);
      }
      byte[] block = new byte[size()];
      Arrays.fill(block, 1, block.length - input.length - 1, (byte) 0xff);
      block[1] = 1;
      block[block.length - input.length - 1] = 0;
      System.arraycopy(input, 0, block, block.length - input.length, input.length);
      return decrypt(block);
    }

    private byte[] pss(String name, byte[] input) throws SignatureException {
      Digest digest =
          switch (name) {
            case "SHA256" -> new SHA256Digest();
            case "SHA384" -> new SHA384Digest();
            default -> new SHA512Digest();
          };
      PSSSigner signer =
          PSSSigner.createRawSigner(
              new RSAEngine(), digest, digest, digest.getDigestSize(), PSSSigner.TRAILER_IMPLICIT);
      signer.init(true, new RSAKeyParameters(true, key.getModulus(), key.getPrivateExponent()));
      signer.update(input, 0, input.length);
      try {
        return signer.generateSignature();
      } catch (CryptoException failed) {
        throw new SignatureException(failed);
      }
    }

    @Override
    public byte[] decrypt(byte[] input) throws GeneralSecurityException {
      BigInteger value = new BigInteger(1, input);
      if (value.compareTo(key.getModulus()) >= 0) {
        throw new SignatureException("not below the modulus");
      }
      byte[] text = value.modPow(key.getPrivateExponent(), key.getModulus()).toByteArray();
      byte[] result = new byte[size()];
      int from = Math.max(0, text.length - result.length);
      System.arraycopy(
          text, from, result, result.length - (text.length - from), text.length - from);
      return result;
    }
  }
}
