package io.goharbor.preheat.e2e.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Commands are taken out of a page as a shell would read them. */
class ShellCommandTest {
  @Test
  void a_block_without_prompts_is_commands_only() {
    List<ShellCommand> commands =
        commands(
            """
            # A comment.
            FOO=1 one 'a b' --x="$(date +%s)" \\
              two
            three | four > out.yaml   # Another comment.
            five 'over
              two lines'
            """);
    assertThat(commands).extracting(ShellCommand::at).containsExactly("p.md:4", "p.md:6", "p.md:7");
    assertThat(commands.getFirst().programs())
        .containsExactly(List.of("one", "a b", "--x=$(date +%s)", "two"));
    assertThat(commands.get(1).programs()).containsExactly(List.of("three"), List.of("four"));
    assertThat(commands.get(1).redirect()).isEqualTo("out.yaml");
    assertThat(commands.getLast().programs()).containsExactly(List.of("five", "over\n  two lines"));
  }

  @Test
  void after_a_prompt_comes_output() {
    List<ShellCommand> commands =
        commands(
            """
            $ one
            NAME   AGE
            $ two -f - <<EOF
            kind: X
            EOF
            done
            """);
    assertThat(commands).extracting(ShellCommand::output).containsExactly("NAME   AGE\n", "done\n");
    assertThat(commands.getLast().text()).isEqualTo("two -f - <<EOF\nkind: X\nEOF");
    assertThat(commands.getLast().programs()).containsExactly(List.of("two", "-f", "-"));
  }

  @Test
  void output_before_the_first_prompt_is_an_error() {
    assertThatThrownBy(() -> commands("out\n$ one\n"))
        .hasMessage("p.md:3: output without a command: out");
  }

  private static List<ShellCommand> commands(String text) {
    return ShellCommand.of(Page.of("p.md", "\n```console\n" + text + "```\n").blocks().getFirst());
  }
}
