package io.goharbor.preheat.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CandidatesTest {
  private static final Shell SHELL =
      new Shell(Map.of(), InputStream.nullInputStream(), InstantSource.system(), Terminal.NONE);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      ignoreLeadingAndTrailingWhitespace = true,
      value = {
        "''                    | run,why,status,retry,cancel,import,completion,prepare | ''",
        "st                    | status                                                | ''",
        "run,''                | ''                                                    | POLICY",
        "run,--pro             | --provider                                            | ''",
        "run,shop,--provider,d | ''                                                    | PROVIDER",
        "run,--provider=d      | ''                                                    | PROVIDER",
        "run,--operation,''    | Preheat,Verify,Evict                                  | ''",
        "status,-o,''          | table,json,yaml                                       | ''",
        "status,--output=j     | --output=json                                         | ''",
        "status,''             | ''                                                    | ANY",
        "status,x,''           | ''                                                    | ''",
        "retry,-n,sho          | ''                                                    | NAMESPACE",
        "retry,-n,shop,''      | ''                                                    | EXECUTION",
        "cancel,a,b,''         | ''                                                    | EXECUTION",
        "why,--context,''      | ''                                                    | CONTEXT",
        "import,''             | harbor                                                | ''",
        "completion,''         | bash,zsh                                              | ''",
      })
  void words_are_completed_by_what_may_stand_there(String words, String fixed, String named) {
    Candidates found =
        Candidates.of(
            Main.commandLine(SHELL).getCommandSpec(),
            List.of(words.replace("''", "").split(",", -1)));

    assertThat(found.fixed().stream().map(line -> line.replaceFirst("\t.*", "")))
        .containsExactlyElementsOf(fixed.isEmpty() ? List.of() : List.of(fixed.split(",")));
    assertThat(found.named().map(Enum::name).orElse("")).isEqualTo(named);
  }

  @ParameterizedTest
  @CsvSource({"status,--kubeconfig", "run,--kubeconfig", "import,harbor,--ca-file"})
  void files_are_left_to_the_shell(String command, String option) {
    assertThat(
            Candidates.of(
                    Main.commandLine(SHELL).getCommandSpec(),
                    command.equals("import")
                        ? List.of("import", "harbor", "--ca-file", "")
                        : List.of(command, option, ""))
                .files())
        .isTrue();
  }
}
