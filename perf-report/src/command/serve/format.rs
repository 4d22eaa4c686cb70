//! Which format of metrics a request asks for.

/// The formats of `/metrics`, the preferred one last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// Prometheus's text.
    Prometheus,
    /// OpenMetrics text.
    OpenMetrics,
    /// Prometheus's protobuf, with native histograms.
    Native,
}

/// The format that the header `Accept` asks for most: Prometheus's text if it asks for none of ours.
pub(super) fn wanted(accept: Option<&str>) -> Format {
    let mut best = (Format::Prometheus, 0.0);
    for range in accept.unwrap_or_default().split(',') {
        let mut parts = range.split(';').map(str::trim);
        let media = parts.next().unwrap_or_default().to_ascii_lowercase();
        let parameters: Vec<(String, &str)> = parts
            .filter_map(|part| part.split_once('='))
            .map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim().trim_matches('"')))
            .collect();
        let parameter = |name: &str| parameters.iter().find(|it| it.0 == name).map(|it| it.1);
        let format = match media.as_str() {
            "application/vnd.google.protobuf"
                if parameter("proto") == Some("io.prometheus.client.MetricFamily")
                    && parameter("encoding").is_none_or(|encoding| encoding == "delimited") =>
            {
                Format::Native
            }
            "application/openmetrics-text" if parameter("version").is_none_or(|version| version == "1.0.0") => {
                Format::OpenMetrics
            }
            "text/plain" | "text/*" | "*/*" => Format::Prometheus,
            _ => continue,
        };
        let quality = parameter("q").map_or(1.0, |quality| quality.parse().unwrap_or(0.0));
        // Of equals the first counts.
        if quality > best.1 {
            best = (format, quality);
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_format_is_that_which_is_asked_for_most() {
        let native = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited";
        let prometheus_with_native = format!(
            "{native},application/openmetrics-text;version=1.0.0;q=0.8,application/openmetrics-text;version=0.0.1;q=0.75,\
             text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
        );
        let prometheus = "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,\
                          text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
        for (accept, format) in [
            (Some(prometheus_with_native.as_str()), Format::Native),
            (Some(prometheus), Format::OpenMetrics),
            (Some("text/html,application/xhtml+xml,*/*;q=0.8"), Format::Prometheus),
            (Some("application/openmetrics-text; version=\"1.0.0\"; q=0, */*"), Format::Prometheus),
            (Some("application/vnd.google.protobuf;proto=other"), Format::Prometheus),
            (Some(";;,=;q=x,\u{7f}"), Format::Prometheus),
            (Some(""), Format::Prometheus),
            (None, Format::Prometheus),
        ] {
            assert_eq!(wanted(accept), format, "{accept:?}");
        }
    }
}
