package org.tlsuplift.server.init;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Answers in the order of the questions. */
final class ScriptedTerminal implements Terminal {
  private final Deque<String> answers;
  private final List<String> prompts = new ArrayList<>();
  private final List<String> lines = new ArrayList<>();

  ScriptedTerminal(String... answers) {
    this.answers = new ArrayDeque<>(List.of(answers));
  }

  Deque<String> answers() {
    return answers;
  }

  List<String> prompts() {
    return prompts;
  }

  List<String> lines() {
    return lines;
  }

  @Override
  public void line(String text) {
    lines.add(text);
  }

  @Override
  public @Nullable String ask(String prompt) {
    prompts.add(prompt);
    return answers.pollFirst();
  }
}
