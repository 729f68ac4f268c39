#!/bin/sh
# Puts Debian trixie's rust-analyzer into the directory $1, with the libraries of its own time: it runs on older
# systems, too. For the test of Rust in languages.spec.ts, which is told of it by ATELIER_RUST_ANALYZER=$1/rust-analyzer.
set -eu
directory=$(mkdir -p "$1" && cd "$1" && pwd)
packages="$directory/packages"
mkdir -p "$packages/lists/partial" "$packages/archives/partial" "$directory/root"
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian trixie main" > "$packages/sources.list"
apt() {
  apt-get -o Dir::Etc::sourcelist="$packages/sources.list" -o Dir::Etc::sourceparts=/dev/null \
    -o Dir::State::lists="$packages/lists" -o Dir::Cache="$packages" -o APT::Sandbox::User=root "$@"
}
cd "$packages"
apt update
apt download rust-analyzer libstd-rust-1.85 libllvm19 libc6 libgcc-s1 libstdc++6 zlib1g libzstd1 libxml2 libffi8 \
  libedit2 libz3-4 libtinfo6 liblzma5 libicu76 libbsd0 libmd0
for package in *.deb; do dpkg-deb -x "$package" "$directory/root"; done
rm -r "$packages"
libraries="$directory/root/usr/lib/x86_64-linux-gnu"
cat > "$directory/rust-analyzer" <<END
#!/bin/sh
exec "$libraries/ld-linux-x86-64.so.2" --library-path "$libraries" "$directory/root/usr/bin/rust-analyzer" "\$@"
END
chmod 755 "$directory/rust-analyzer"
