//! Rebuilds the crate when the web interface that it embeds has been built anew.

fn main() {
    for folder in ["../../web/dist", "../../templates"] {
        // A path that does not exist would make every build begin with this script.
        if std::path::Path::new(folder).exists() {
            println!("cargo::rerun-if-changed={folder}");
        }
    }
    println!("cargo::rerun-if-changed=../../web/package.json");
    println!("cargo::rerun-if-changed=build.rs");
}
