//! The errors of a warm-up.

use std::error::Error;
use std::{fmt, slice, vec};

use super::error::ResourceError;

/// The resources that a warm-up could not initialise, and why.
///
/// ```
/// # use perf_runtime::lazy_resource;
/// # use perf_runtime::resource::resources;
/// #[lazy_resource]
/// static PORT: Result<u16, std::num::ParseIntError> = "http".parse::<u16>();
///
/// if let Err(errors) = resources().warm_all() {
///     for error in &errors {
///         eprintln!("{error}");
///     }
/// #   assert!(errors.iter().any(|error| error.resource().ends_with("PORT")));
/// }
/// ```
#[derive(Clone, Debug)]
pub struct WarmErrors {
    /// At least one.
    errors: Vec<ResourceError>,
}

impl WarmErrors {
    pub(crate) fn of(errors: Vec<ResourceError>) -> Result<(), WarmErrors> {
        if errors.is_empty() { Ok(()) } else { Err(WarmErrors { errors }) }
    }

    /// The errors, one per resource.
    pub fn iter(&self) -> slice::Iter<'_, ResourceError> {
        self.errors.iter()
    }
}

/// How many there are, and each with its causes, in one line.
impl fmt::Display for WarmErrors {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.errors.len();
        write!(formatter, "{count} {} not initialised", if count == 1 { "resource was" } else { "resources were" })?;
        let mut separator = ": ";
        for error in &self.errors {
            write!(formatter, "{separator}{}", WithSources(error))?;
            separator = "; ";
        }
        Ok(())
    }
}

/// An error and what caused it, in one line.
struct WithSources<'e>(&'e dyn Error);

impl fmt::Display for WithSources<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0)?;
        let mut source = self.0.source();
        while let Some(error) = source {
            write!(formatter, ": {error}")?;
            source = error.source();
        }
        Ok(())
    }
}

// Without a source: the text names all causes.
impl Error for WarmErrors {}

impl IntoIterator for WarmErrors {
    type Item = ResourceError;
    type IntoIter = vec::IntoIter<ResourceError>;

    fn into_iter(self) -> Self::IntoIter {
        self.errors.into_iter()
    }
}

impl<'e> IntoIterator for &'e WarmErrors {
    type Item = &'e ResourceError;
    type IntoIter = slice::Iter<'e, ResourceError>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn the_text_names_each_error_and_its_causes() {
        let failed = |resource: &str, cause: &str| ResourceError::Failed {
            resource: Arc::from(resource),
            cause: Arc::from(Box::<dyn Error + Send + Sync>::from(cause)),
            attempts: 1,
        };
        assert!(WarmErrors::of(Vec::new()).is_ok());
        let one = WarmErrors::of(vec![failed("POOL", "no route")]).unwrap_err();
        assert_eq!(one.to_string(), "1 resource was not initialised: POOL: its initialiser failed: no route");
        let two = WarmErrors::of(vec![failed("POOL", "no route"), failed("PORT", "not a number")]).unwrap_err();
        assert_eq!(
            two.to_string(),
            "2 resources were not initialised: POOL: its initialiser failed: no route; \
             PORT: its initialiser failed: not a number"
        );
        assert_eq!(two.iter().len(), 2);
    }
}
