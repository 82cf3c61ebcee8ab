package org.tlsuplift.proxy.tls.rsa;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Calls libcrypto.so.3 by its C functions (evp.h, rsa.h, err.h of OpenSSL 3). Thread-safe: threads
 * share a key, and each operation has a context of its own.
 */
@SuppressWarnings("restricted") // The manifest allows native access.
final class ForeignLibcrypto implements NativeLibcrypto {
  /** OPENSSL_INIT_NO_ATEXIT: event loops may still sign while the process exits. */
  private static final long NO_ATEXIT = 0x0008_0000L;

  private static final int TEXT = 256;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final SymbolLookup LIBRARY =
      SymbolLookup.libraryLookup("libcrypto.so.3", Arena.global());

  // Each signature that differs costs the start some milliseconds, so these are few.
  private static final FunctionDescriptor OF_POINTER = FunctionDescriptor.of(JAVA_INT, ADDRESS);
  private static final FunctionDescriptor FREE = FunctionDescriptor.ofVoid(ADDRESS);
  private static final FunctionDescriptor NUMBER = FunctionDescriptor.of(JAVA_LONG);
  private static final FunctionDescriptor OPERATION =
      FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG);

  private static final MethodHandle INIT =
      handle("OPENSSL_init_crypto", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, ADDRESS));
  private static final MethodHandle VERSION = handle("OpenSSL_version_num", NUMBER);
  private static final MethodHandle PARSE =
      handle("d2i_AutoPrivateKey", FunctionDescriptor.of(ADDRESS, ADDRESS, ADDRESS, JAVA_LONG));
  private static final MethodHandle KEY_SIZE = handle("EVP_PKEY_get_size", OF_POINTER);
  private static final MethodHandle FREE_KEY = handle("EVP_PKEY_free", FREE);
  private static final MethodHandle NEW_CONTEXT =
      handle("EVP_PKEY_CTX_new", FunctionDescriptor.of(ADDRESS, ADDRESS, ADDRESS));
  private static final MethodHandle FREE_CONTEXT = handle("EVP_PKEY_CTX_free", FREE);
  private static final MethodHandle SET =
      handle("EVP_PKEY_CTX_ctrl_str", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS));
  private static final MethodHandle SIGN_INIT = handle("EVP_PKEY_sign_init", OF_POINTER);
  private static final MethodHandle SIGN = handle("EVP_PKEY_sign", OPERATION);
  private static final MethodHandle DECRYPT_INIT = handle("EVP_PKEY_decrypt_init", OF_POINTER);
  private static final MethodHandle DECRYPT = handle("EVP_PKEY_decrypt", OPERATION);

  // Settings of an operation, by the names of EVP_PKEY_CTX_ctrl_str(3).
  private static final MemorySegment PADDING = text("rsa_padding_mode");
  private static final MemorySegment NO_PADDING = text("none");
  private static final MemorySegment PKCS1_PADDING = text("pkcs1");
  private static final MemorySegment PSS_PADDING = text("pss");
  private static final MemorySegment DIGEST = text("digest");
  private static final MemorySegment SALT = text("rsa_pss_saltlen");
  private static final MemorySegment AS_DIGEST = text("digest");

  private final String version;

  /** Initialises the library, which reads the system's openssl.cnf. */
  ForeignLibcrypto() {
    try {
      if ((int) INIT.invokeExact(NO_ATEXIT, MemorySegment.NULL) != 1) {
        throw new IllegalStateException("it cannot be initialised");
      }
      // OPENSSL_VERSION_NUMBER of opensslv.h: 0xMNN00PP0
      long number = (long) VERSION.invokeExact();
      version =
          "OpenSSL %d.%d.%d".formatted(number >> 28, (number >> 20) & 0xff, (number >> 4) & 0xff);
    } catch (Throwable failed) {
      throw unexpected(failed);
    }
  }

  private static MethodHandle handle(String name, FunctionDescriptor signature) {
    MemorySegment function =
        LIBRARY
            .find(name)
            .orElseThrow(() -> new IllegalStateException("it has no function " + name));
    return LINKER.downcallHandle(function, signature);
  }

  private static MemorySegment text(String text) {
    return Arena.global().allocateFrom(text);
  }

  @Override
  public String version() {
    return version;
  }

  @Override
  public Key parse(byte[] pkcs8) throws GeneralSecurityException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment encoded = arena.allocateFrom(JAVA_BYTE, pkcs8);
      MemorySegment key;
      try {
        key =
            (MemorySegment)
                PARSE.invokeExact(
                    MemorySegment.NULL, arena.allocateFrom(ADDRESS, encoded), encoded.byteSize());
      } finally {
        encoded.fill((byte) 0);
      }
      if (key.address() == 0) {
        throw new InvalidKeyException("unreadable key: " + Errors.text());
      }
      // Freed when neither the key nor a call refers to it.
      return new ForeignKey(key.reinterpret(Arena.ofAuto(), ForeignLibcrypto::free));
    } catch (GeneralSecurityException refused) {
      throw refused;
    } catch (Throwable failed) {
      throw unexpected(failed);
    }
  }

  private static void free(MemorySegment key) {
    try {
      FREE_KEY.invokeExact(key);
    } catch (Throwable failed) {
      throw unexpected(failed);
    }
  }

  /** The functions that only failures need. */
  private static final class Errors {
    private static final MethodHandle NEXT = handle("ERR_get_error", NUMBER);
    private static final MethodHandle CLEAR =
        handle("ERR_clear_error", FunctionDescriptor.ofVoid());
    private static final MethodHandle TO_TEXT =
        handle("ERR_error_string_n", FunctionDescriptor.ofVoid(JAVA_LONG, ADDRESS, JAVA_LONG));

    /** Reads the first error of this thread, and clears all of them. */
    static String text() throws Throwable {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment text = arena.allocate(TEXT);
        long first = (long) NEXT.invokeExact();
        TO_TEXT.invokeExact(first, text, (long) TEXT);
        CLEAR.invokeExact();
        return text.getString(0);
      }
    }
  }

  /** The method handles declare Throwable, and native functions throw nothing. */
  private static RuntimeException unexpected(Throwable failed) {
    if (failed instanceof RuntimeException runtime) {
      return runtime;
    }
    if (failed instanceof Error error) {
      throw error;
    }
    return new IllegalStateException(failed);
  }

  /** A reference to an EVP_PKEY. */
  private static final class ForeignKey implements Key {
    private final MemorySegment key;
    private final int size;

    ForeignKey(MemorySegment key) throws Throwable {
      this.key = key;
      this.size = (int) KEY_SIZE.invokeExact(key);
    }

    @Override
    public int size() {
      return size;
    }

    @Override
    public byte[] sign(int padding, @Nullable String digest, byte[] input)
        throws GeneralSecurityException {
      return operate(SIGN_INIT, padding == PSS ? PSS_PADDING : PKCS1_PADDING, digest, SIGN, input);
    }

    @Override
    public byte[] decrypt(byte[] input) throws GeneralSecurityException {
      return operate(DECRYPT_INIT, NO_PADDING, null, DECRYPT, input);
    }

    private byte[] operate(
        MethodHandle init,
        MemorySegment padding,
        @Nullable String digest,
        MethodHandle operation,
        byte[] input)
        throws GeneralSecurityException {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment context = (MemorySegment) NEW_CONTEXT.invokeExact(key, MemorySegment.NULL);
        try {
          require(context.address() != 0);
          require((int) init.invokeExact(context) == 1);
          require((int) SET.invokeExact(context, PADDING, padding) > 0);
          if (digest != null) {
            require((int) SET.invokeExact(context, DIGEST, arena.allocateFrom(digest)) > 0);
            require((int) SET.invokeExact(context, SALT, AS_DIGEST) > 0);
          }
          return run(operation, context, arena, input);
        } finally {
          FREE_CONTEXT.invokeExact(context);
        }
      } catch (GeneralSecurityException refused) {
        throw refused;
      } catch (Throwable failed) {
        throw unexpected(failed);
      }
    }

    private byte[] run(MethodHandle operation, MemorySegment context, Arena arena, byte[] input)
        throws Throwable {
      MemorySegment output = arena.allocate(size);
      MemorySegment length = arena.allocateFrom(JAVA_LONG, size);
      MemorySegment bytes = arena.allocateFrom(JAVA_BYTE, input);
      try {
        require((int) operation.invokeExact(context, output, length, bytes, bytes.byteSize()) == 1);
        byte[] result = output.toArray(JAVA_BYTE);
        long written = length.get(JAVA_LONG, 0);
        return written == size ? result : Arrays.copyOf(result, Math.toIntExact(written));
      } finally {
        // It may be a device's secret.
        output.fill((byte) 0);
      }
    }

    private static void require(boolean succeeded) throws Throwable {
      if (!succeeded) {
        throw new InvalidKeyException("libcrypto refuses the operation: " + Errors.text());
      }
    }
  }
}
