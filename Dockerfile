# A static binary in an image without anything else. `docker build --tag hearback .` builds everything; a release passes
# its own binaries with `--build-context build=FOLDER`, which contains `out` as the first stage writes it.
FROM rust:1-alpine AS build
RUN apk add --no-cache cmake g++ make musl-dev
WORKDIR /source
COPY . .
# The context has no history of Git.
ARG HEARBACK_COMMIT
ARG TARGETARCH
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/source/target \
    HEARBACK_COMMIT=$HEARBACK_COMMIT cargo build --release --locked && \
    mkdir -p "/out/$TARGETARCH" /out/empty && \
    strip -o "/out/$TARGETARCH/hearback" target/release/hearback && \
    cp /etc/ssl/certs/ca-certificates.crt /out/

FROM scratch
ARG TARGETARCH
COPY --from=build /out/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/$TARGETARCH/hearback /usr/local/bin/hearback
# Journals and reports are written here; mount a folder to keep them.
COPY --from=build --chown=65532:65532 /out/empty /work
WORKDIR /work
USER 65532:65532
ENTRYPOINT ["/usr/local/bin/hearback"]
CMD ["--help"]
