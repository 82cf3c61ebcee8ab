package org.tlsuplift.proxy.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes the responses to the queries of one DNS channel hard to forge (RFC 5452): each query gets a
 * random 16-bit id and a name in random case (draft-vixie-dnsext-dns0x20). A response counts only
 * on the channel of its query, with its id and question.
 *
 * <p>Netty alone uses 14 bits of the id until 16,384 queries run at once, and accepts a response on
 * any channel of a resolver (seen in 4.2.18). It asks again over TCP if a response is truncated, so
 * a response in another case is marked as truncated, unless its server never keeps the case.
 *
 * <p>Upstream: netty pull request 16870, "DNS: Ensure query id is not predictible", uses a secure
 * random number. To report: "DnsQueryIdSpace draws an id from one bucket of 16,384 instead of
 * 65,536 numbers; DnsNameResolver should accept a response only on the channel of its query, and
 * could use names in random case." Delete when ForgedDnsResponseTest passes without it.
 */
public final class RandomizedQueries extends ChannelDuplexHandler {
  private static final int HEADER_BYTES = 12;
  private static final int FLAGS_OFFSET = 2;
  private static final int TRUNCATED = 0x0200;
  private static final int CASE_BIT = 0x20;
  private static final int MAX_SERVERS = 64;

  private final SecureRandom random;

  /** The name servers that returned a name in mixed case. Resolvers share it; thread-safe. */
  private final Set<InetSocketAddress> casePreservingServers;

  /** By the sent id. A resolver limits the queries of a resolution, which has its own channel. */
  private final IntObjectMap<Query> sent = new IntObjectHashMap<>();

  /**
   * The handler of one channel.
   *
   * @param casePreservingServers the name servers that keep the case; this class adds to it, and
   *     all channels of a resolver share it
   */
  public RandomizedQueries(SecureRandom random, Set<InetSocketAddress> casePreservingServers) {
    this.random = random;
    this.casePreservingServers = casePreservingServers;
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    if (message instanceof DatagramPacket packet) {
      randomize(packet);
    }
    var unused = ctx.write(message, promise);
  }

  private void randomize(DatagramPacket packet) {
    ByteBuf query = packet.content();
    byte[] name = name(query);
    if (name == null) {
      throw new IllegalArgumentException("a query has no name");
    }
    byte[] mixed = mixed(name);
    int id;
    do {
      id = random.nextInt(1 << Character.SIZE);
    } while (sent.containsKey(id));
    sent.put(
        id,
        new Query(query.getUnsignedShort(query.readerIndex()), packet.recipient(), name, mixed));
    query.setShort(query.readerIndex(), id);
    query.setBytes(query.readerIndex() + HEADER_BYTES, mixed);
  }

  private byte[] mixed(byte[] name) {
    byte[] mixed = name.clone();
    byte[] bits = new byte[name.length];
    random.nextBytes(bits);
    for (int i = 0; i < mixed.length; i++) {
      if (isLetter(mixed[i])) {
        mixed[i] ^= (byte) (bits[i] & CASE_BIT);
      }
    }
    return mixed;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (message instanceof DatagramPacket packet && !accept(packet)) {
      ReferenceCountUtil.release(message);
    } else {
      ctx.fireChannelRead(message);
    }
  }

  /** Restores id and name of the query; returns false if the response belongs to none. */
  private boolean accept(DatagramPacket packet) {
    ByteBuf response = packet.content();
    byte[] name = name(response);
    if (name == null) {
      return false;
    }
    Query query = sent.get(response.getUnsignedShort(response.readerIndex()));
    if (query == null || !Arrays.equals(lowerCase(name), lowerCase(query.name))) {
      return false;
    }
    int start = response.readerIndex();
    if (Arrays.equals(name, query.mixed)) {
      if (!Arrays.equals(name, lowerCase(name)) && casePreservingServers.size() < MAX_SERVERS) {
        casePreservingServers.add(query.server);
      }
    } else if (casePreservingServers.contains(query.server)) {
      if (query.doubted) {
        return false;
      }
      query.doubted = true;
      int flags = start + FLAGS_OFFSET;
      response.setShort(flags, response.getUnsignedShort(flags) | TRUNCATED);
    }
    response.setShort(start, query.id);
    response.setBytes(start + HEADER_BYTES, query.name);
    return true;
  }

  /** The name of the only question, with the lengths of its labels (RFC 1035 section 4.1.2). */
  private static byte @Nullable [] name(ByteBuf message) {
    int start = message.readerIndex() + HEADER_BYTES;
    int end = start;
    while (end < message.writerIndex()) {
      int length = message.getUnsignedByte(end);
      end += length + 1;
      if (length == 0) {
        byte[] name = new byte[end - start];
        message.getBytes(start, name);
        return name;
      }
    }
    return null;
  }

  private static byte[] lowerCase(byte[] name) {
    byte[] lower = name.clone();
    for (int i = 0; i < lower.length; i++) {
      if (isLetter(lower[i])) {
        lower[i] |= (byte) CASE_BIT;
      }
    }
    return lower;
  }

  /** The length of a label is at most 63, which is below the letters. */
  private static boolean isLetter(byte character) {
    int lower = character | CASE_BIT;
    return lower >= 'a' && lower <= 'z';
  }

  private static final class Query {
    /** The id for Netty. */
    final int id;

    final InetSocketAddress server;
    final byte[] name;
    final byte[] mixed;

    /** Whether the query runs over TCP already. */
    boolean doubted;

    Query(int id, InetSocketAddress server, byte[] name, byte[] mixed) {
      this.id = id;
      this.server = server;
      this.name = name;
      this.mixed = mixed;
    }
  }
}
