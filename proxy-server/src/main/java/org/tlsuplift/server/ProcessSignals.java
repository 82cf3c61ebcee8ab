package org.tlsuplift.server;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.tlsuplift.server.command.StopSignal;

/**
 * SIGTERM and SIGINT.
 *
 * <p>A shutdown hook would be the portable way, but the process would then exit with 143 after an
 * orderly end, and a second signal would be swallowed until the hook is done. {@code
 * sun.misc.Signal} stays exported for such use (JEP 260); it is reached by reflection because the
 * compiler warns of it in a way that cannot be answered.
 */
final class ProcessSignals implements StopSignal {
  private static final int SIGNAL_BASE = 128;

  private final CompletableFuture<String> received = new CompletableFuture<>();

  @Override
  public void arm() {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object receiver =
          Proxy.newProxyInstance(
              handler.getClassLoader(), new Class<?>[] {handler}, new Receiver(received));
      Method handle = signal.getMethod("handle", signal, handler);
      for (String name : new String[] {"TERM", "INT"}) {
        handle.invoke(null, signal.getConstructor(String.class).newInstance(name), receiver);
      }
    } catch (ReflectiveOperationException notHere) {
      // Also with -Xrs: signals then end the process the plain way, without draining.
      return;
    }
  }

  @Override
  public String await() throws InterruptedException {
    try {
      return received.get();
    } catch (ExecutionException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private record Receiver(CompletableFuture<String> received) implements InvocationHandler {
    @Override
    public Object invoke(Object proxy, Method method, Object[] arguments)
        throws ReflectiveOperationException {
      if (!method.getName().equals("handle")) {
        // Object's own methods, which a proxy passes on too.
        return method.invoke(this, arguments);
      }
      Object signal = arguments[0];
      if (!received.complete("SIG" + signal.getClass().getMethod("getName").invoke(signal))) {
        int number = (Integer) signal.getClass().getMethod("getNumber").invoke(signal);
        Runtime.getRuntime().halt(SIGNAL_BASE + number);
      }
      return proxy;
    }
  }
}
