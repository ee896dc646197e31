package io.goharbor.preheat.harbor;

import static org.assertj.core.api.Assertions.assertThat;

import io.goharbor.preheat.http.RemoteSystem;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ArtifactJsonTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      nullValues = "-",
      textBlock =
          """
          'a':{'scan_status':'Success','severity':'High','complete_percent':100} | High
          # An old Harbor tells no percentage.
          'a':{'scan_status':'Success','severity':'Low'} | Low
          'a':{'scan_status':'Success','severity':'None','summary':null} | None
          # Harbor's summary of a scan that goes on, and of one that failed.
          'a':{'scan_status':'Running','severity':'','complete_percent':0} | -
          'a':{'scan_status':'Pending'} | -
          'a':{'scan_status':'Error','severity':''} | -
          'a':{'scan_status':'Stopped','severity':'None','complete_percent':100} | -
          # An index of which one manifest was scanned and the other was not, or failed.
          'a':{'scan_status':'Success','severity':'Low','complete_percent':50} | -
          # Of reports of several media types one is enough.
          'a':{'scan_status':'Running'},'b':{'scan_status':'Success','severity':'Medium'} | Medium
          'a':null | -
          """)
  void only_a_complete_report_counts(String overview, @Nullable String severity) throws Exception {
    HarborArtifact.Scan scan = read("'scan_overview':{" + overview + "}").scan();
    assertThat(scan.finished()).isEqualTo(severity != null);
    assertThat(scan.severity()).isEqualTo(severity);
  }

  @Test
  void without_a_report_there_is_none() throws Exception {
    assertThat(read("'scan_overview':null").scan()).isEqualTo(HarborArtifact.Scan.NONE);
    assertThat(read("'type':'IMAGE'").scan()).isEqualTo(HarborArtifact.Scan.NONE);
  }

  private static HarborArtifact read(String fields) throws Exception {
    return ArtifactJson.read(
            "shop",
            RemoteSystem.JSON.readTree(
                ("{'digest':'sha256:1','repository_name':'shop/web'," + fields + "}")
                    .replace('\'', '"')))
        .orElseThrow();
  }
}
