//! Which files are meant by globs.

use std::path::Path;

use atelier_api::agent::search::GLOBS_MAX;
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use crate::AgentError;

/// How long a glob may be, in bytes.
const GLOB_BYTES_MAX: usize = 512;

/// What a list of globs fits.
#[derive(Debug, Clone)]
pub(super) struct Globs {
    set: GlobSet,
}

impl Globs {
    /// Compiles the globs of the field `field`; nothing when there are none.
    pub(super) fn new(field: &str, globs: &[String]) -> Result<Option<Self>, AgentError> {
        let globs: Vec<&str> = globs.iter().map(|glob| glob.trim()).collect();
        let globs: Vec<&str> = globs.into_iter().filter(|glob| !glob.is_empty()).collect();
        if globs.is_empty() {
            return Ok(None);
        }
        if globs.len() > GLOBS_MAX || globs.iter().any(|glob| glob.len() > GLOB_BYTES_MAX) {
            let detail =
                format!("More than {GLOBS_MAX} globs, or one over {GLOB_BYTES_MAX} bytes.");
            return Err(AgentError::invalid(field, detail));
        }
        let mut set = GlobSetBuilder::new();
        let mut add = |glob: &str| {
            let glob = GlobBuilder::new(glob).literal_separator(true).build()?;
            set.add(glob);
            Ok(())
        };
        for glob in globs {
            let anchored = glob.strip_prefix("./").or_else(|| glob.strip_prefix('/'));
            let name = anchored.unwrap_or(glob).trim_end_matches('/');
            let name = match anchored {
                Some(_) => name.to_owned(),
                None => format!("**/{name}"),
            };
            // A directory stands for all that it holds.
            add(&name)
                .and_then(|()| add(&format!("{name}/**")))
                .map_err(|error: globset::Error| {
                    let detail = format!("The glob “{glob}” cannot be read: {}.", error.kind());
                    AgentError::invalid(field, detail)
                })?;
        }
        let set = set
            .build()
            .map_err(|error| AgentError::invalid(field, format!("{}.", error.kind())))?;
        Ok(Some(Self { set }))
    }

    /// Whether one of them fits the path below the place that is searched.
    pub(super) fn fit(&self, path: &Path) -> bool {
        self.set.is_match(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_fit_as_people_mean_them() {
        for (glob, path, fits) in [
            ("*.rs", "src/deep/main.rs", true),
            ("*.rs", "main.rs", true),
            ("*.rs", "main.rst", false),
            ("src", "src/main.rs", true),
            ("src/", "a/src/main.rs", true),
            ("/src", "a/src/main.rs", false),
            ("./src", "src/main.rs", true),
            ("src/*.rs", "src/deep/main.rs", false),
            ("src/**/*.rs", "src/deep/main.rs", true),
            ("*.{ts,tsx}", "a/b.tsx", true),
            ("[ab].txt", "c/b.txt", true),
            ("عربي.txt", "a/عربي.txt", true),
        ] {
            let globs = Globs::new("include", &[glob.to_owned()]).unwrap().unwrap();
            assert_eq!(globs.fit(Path::new(path)), fits, "{glob} {path}");
        }
    }

    #[test]
    fn nothing_is_no_glob_and_nonsense_is_refused() {
        assert!(Globs::new("include", &[" ".to_owned()]).unwrap().is_none());
        for globs in [
            vec!["[a".to_owned()],
            vec!["{a".to_owned()],
            vec!["a".to_owned(); 65],
        ] {
            let error = Globs::new("scope.include", &globs).unwrap_err();
            assert_eq!(error.problem().field.as_deref(), Some("scope.include"));
        }
    }
}
