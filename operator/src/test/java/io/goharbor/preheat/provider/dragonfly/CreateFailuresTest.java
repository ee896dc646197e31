package io.goharbor.preheat.provider.dragonfly;

import static org.assertj.core.api.Assertions.assertThat;

import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.http.FailureClass;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.provider.Submission;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CreateFailuresTest {
  @ParameterizedTest(name = "500 {0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          candidate schedulers not found                             | provider | UNREACHABLE
          active schedulers not found                                | provider | UNREACHABLE
          Internal Server Error                                      | provider | UNREACHABLE
          redis: connection pool timeout                             | provider | UNREACHABLE
          dial tcp 10.0.0.9:6379: connect: connection refused        | provider | UNREACHABLE
          unauthorized: unauthorized to access repository: shop/web  | order    | PULL_DENIED
          Get "https://h/v2/": x509: unknown authority               | order    | TLS_FAILED
          Get "https://h/v2/": dial tcp 10.0.0.1:443: i/o timeout    | order    | UNREACHABLE
          Head "http://h/v2/": EOF                                   | order    | UNREACHABLE
          something that no version says yet                         | order    | UNREACHABLE
          toomanyrequests: slow down                                 | patience | RATE_LIMITED
          denied: requested access to the resource is denied         | refused  | PULL_DENIED
          unknown: The image is not signed by cosign.                | refused  | PULL_DENIED
          no matching manifest for platform linux/arm64              | refused  | NOT_PREHEATABLE
          mediaType in manifest should be 'application/vnd.oci'      | refused  | NOT_PREHEATABLE
          manifest unknown: manifest unknown                         | refused  | ARTIFACT_NOT_FOUND
          parse access url failed                                    | refused  | REJECTED
          Get "http://127.0.0.1/v2/": ip 127.0.0.1 is invalid        | refused  | REJECTED
          """)
  void the_words_of_a_500_tell_whose_trouble_it_is(String words, String whose, Reason reason) {
    check(500, words, whose, reason);
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          301 | a redirect                            | provider | UNEXPECTED_ANSWER
          401 | Unauthorized                          | provider | UNEXPECTED_ANSWER
          403 | Token has expired                     | provider | UNEXPECTED_ANSWER
          404 | page not found                        | provider | UNEXPECTED_ANSWER
          404 | scheduler cluster id 9: record not found | provider | INVALID_SPEC
          409 | Conflict                              | order    | UNEXPECTED_ANSWER
          400 | bad request                           | refused  | REJECTED
          422 | Field validation for 'Count' failed   | refused  | REJECTED
          502 | Bad Gateway                           | unknown  | UNREACHABLE
          504 | Gateway Timeout                       | unknown  | UNREACHABLE
          503 | Service Unavailable                   | provider | UNEXPECTED_ANSWER
          200 | the answer is not JSON                | unknown  | UNREACHABLE
          """)
  void the_status_tells_what_follows(int status, String words, String whose, Reason reason) {
    check(status, words, whose, reason);
  }

  private static void check(int status, String words, String whose, Reason reason) {
    Submission submission =
        CreateFailures.of(
            new RemoteCallException(
                FailureClass.RETRY,
                Reason.UNEXPECTED_ANSWER,
                status,
                "Dragonfly Manager x/y answered " + status + " to POST /oapi/v1/jobs: " + words,
                null,
                true,
                null));

    switch (submission) {
      case Submission.Refused refused -> {
        assertThat(whose).isEqualTo("refused");
        assertThat(refused.reason()).isEqualTo(reason);
        assertThat(refused.message()).contains(words);
      }
      case Submission.NotNow notNow -> {
        assertThat(notNow.reason()).isEqualTo(reason);
        assertThat(notNow.message()).contains(words);
        assertThat(whose)
            .isEqualTo(
                notNow.providerFault() ? "provider" : notNow.patience() ? "patience" : "order");
        assertThat(notNow.patience()).isEqualTo(!whose.equals("order"));
      }
      case Submission.Unknown unknown -> assertThat(whose).isEqualTo("unknown");
      case Submission.Accepted accepted -> assertThat(whose).isEqualTo("accepted");
      case Submission.Concluded concluded -> assertThat(whose).isEqualTo("concluded");
    }
  }
}
