package io.goharbor.preheat.runtime;

import io.goharbor.preheat.api.DisplayText;
import io.goharbor.preheat.http.Redactor;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.config.MeterFilter;
import java.util.List;

/** Takes secrets, and characters that are not shown, out of the labels of metrics. */
record RedactedTags(Redactor redactor) implements MeterFilter {
  @Override
  public Meter.Id map(Meter.Id id) {
    List<Tag> tags = id.getTags();
    List<Tag> clean = tags.stream().map(this::clean).toList();
    return clean.equals(tags) ? id : id.replaceTags(clean);
  }

  private Tag clean(Tag tag) {
    String value = DisplayText.of(redactor.redact(tag.getValue()));
    return value.equals(tag.getValue()) ? tag : Tag.of(tag.getKey(), value);
  }
}
