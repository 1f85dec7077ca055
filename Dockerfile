# The same binary as everywhere else, as an image: built with the tools the README names, run with
# nothing but itself, as nobody in particular.
FROM node:20-bookworm-slim AS node

FROM rust:1.95.0-bookworm AS build
COPY --from=node /usr/local/bin/node /usr/local/bin/node
COPY --from=node /usr/local/lib/node_modules /usr/local/lib/node_modules
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo xtask app \
    && cargo build --package gridlamp --release \
    && install -D target/release/gridlamp /out/gridlamp \
    && mkdir -p /out/data /out/county

FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /out/gridlamp /usr/local/bin/gridlamp
# The folders are there and writable before a volume is put over them.
COPY --from=build --chown=nonroot:nonroot /out/data /data
COPY --from=build --chown=nonroot:nonroot /out/county /county
COPY LICENSE NOTICE /usr/share/doc/gridlamp/
ENV GRIDLAMP_LISTEN=0.0.0.0:8080 \
    GRIDLAMP_LOG=sqlite:/data/gridlamp.db \
    GRIDLAMP_DATA=/data \
    GRIDLAMP_COUNTY=/county
WORKDIR /data
VOLUME ["/data"]
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=4s --start-period=20s --retries=3 \
    CMD ["/usr/local/bin/gridlamp", "healthcheck"]
ENTRYPOINT ["/usr/local/bin/gridlamp"]
CMD ["serve"]
