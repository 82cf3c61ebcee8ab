package org.tlsuplift.proxy.setup;

import io.netty.handler.ssl.SslHandshakeCompletionEvent;

/** A setup without TLS of ours towards the device, which so waits for nothing but the origin. */
interface PassThroughSetup extends Setup {
  @Override
  default void onDeviceHandshake(SslHandshakeCompletionEvent event) {
    throw new IllegalStateException("there is no TLS of ours with this device");
  }

  @Override
  default boolean isHandshaking() {
    return false;
  }

  @Override
  default boolean isDeviceReady() {
    return true;
  }
}
