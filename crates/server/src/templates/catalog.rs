//! The built-in templates.

use std::collections::BTreeMap;
use std::sync::Arc;

use atelier_api::node::SeedFile;
use atelier_api::v1::templates::Template;
use rust_embed::RustEmbed;
use serde::Deserialize;

#[derive(RustEmbed)]
#[folder = "../../templates"]
struct Files;

/// `template.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    title: String,
    description: String,
    icon: String,
    #[serde(default)]
    start_command: Option<String>,
    #[serde(default)]
    requires: Vec<String>,
}

/// The templates. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Templates(Arc<BTreeMap<String, (Template, Vec<SeedFile>)>>);

/// A built-in template is broken; the program was built wrongly.
#[derive(Debug, thiserror::Error)]
#[error("the built-in template file {path} cannot be used: {detail}")]
pub struct TemplateError {
    path: String,
    detail: String,
}

impl Templates {
    /// The templates that the program was built with.
    ///
    /// # Errors
    /// When one of them is not as it must be.
    pub fn built_in() -> Result<Self, TemplateError> {
        let mut templates = BTreeMap::new();
        for path in Files::iter().filter(|path| path.ends_with("/template.toml")) {
            let name = path.trim_end_matches("/template.toml").to_owned();
            let manifest: Manifest =
                toml::from_str(&text(&path)?).map_err(|error| TemplateError {
                    path: path.to_string(),
                    detail: error.to_string(),
                })?;
            let template = Template {
                name: name.clone(),
                title: manifest.title,
                description: manifest.description,
                icon: manifest.icon,
                start_command: manifest.start_command,
                requires: manifest.requires,
            };
            templates.insert(name.clone(), (template, seed(&name)?));
        }
        Ok(Self(Arc::new(templates)))
    }

    /// All: `empty` first, then by title.
    pub fn list(&self) -> Vec<Template> {
        let mut list: Vec<_> = self
            .0
            .values()
            .map(|(template, _)| template.clone())
            .collect();
        list.sort_by_key(|template| (template.name != "empty", template.title.clone()));
        list
    }

    /// Whether there is one of this name.
    pub fn contains(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The files of a template; none when there is no such template.
    pub fn files(&self, name: &str) -> Vec<SeedFile> {
        self.0
            .get(name)
            .map(|(_, files)| files.clone())
            .unwrap_or_default()
    }
}

fn seed(name: &str) -> Result<Vec<SeedFile>, TemplateError> {
    let folder = format!("{name}/files/");
    let mut files = Vec::new();
    for path in Files::iter().filter(|path| path.starts_with(&folder)) {
        let text = text(&path)?;
        let target = match path[folder.len()..].rsplit_once('/') {
            Some((parent, "_gitignore")) => format!("{parent}/.gitignore"),
            None if path.ends_with("/_gitignore") => ".gitignore".to_owned(),
            _ => path[folder.len()..].to_owned(),
        };
        files.push(SeedFile {
            executable: text.starts_with("#!"),
            path: target,
            text,
        });
    }
    Ok(files)
}

fn text(path: &str) -> Result<String, TemplateError> {
    let failed = |detail: &str| TemplateError {
        path: path.to_owned(),
        detail: detail.to_owned(),
    };
    let file = Files::get(path).ok_or_else(|| failed("it is gone"))?;
    String::from_utf8(file.data.into_owned()).map_err(|_| failed("it is not UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_templates_are_whole() {
        let templates = Templates::built_in().unwrap();
        let names: Vec<_> = templates
            .list()
            .into_iter()
            .map(|template| template.name)
            .collect();
        assert_eq!(names.first().map(String::as_str), Some("empty"));
        for name in ["node-express", "python-flask", "react-typescript", "rust"] {
            assert!(names.iter().any(|other| other == name), "{name} is missing");
            assert!(!templates.files(name).is_empty(), "{name} has no files");
            assert!(
                templates
                    .files(name)
                    .iter()
                    .all(|file| !file.path.contains("_gitignore"))
            );
        }
        assert!(templates.files("../../etc").is_empty());
    }
}
