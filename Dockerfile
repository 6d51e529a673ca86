FROM node:20-bookworm-slim AS web
WORKDIR /src/public
COPY public/package.json public/package-lock.json public/.npmrc ./
RUN npm ci --no-audit --no-fund
COPY public ./
RUN npm run build

FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
COPY --from=web /src/public/dist public/dist
RUN CGO_ENABLED=0 go build -trimpath -ldflags=-s -o /attendance ./server
RUN mkdir /data

FROM scratch
# For a token issuer's keys over HTTPS and a database over TLS.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /attendance /attendance
COPY --from=build --chown=65534:65534 /data /data
USER 65534:65534
# No HOST: with one of the JWT_ settings the server listens on every address, and only then should it.
ENV DATA_DIR=/data
# SQLite puts what it sorts beside it, for there is no /tmp.
WORKDIR /data
VOLUME /data
EXPOSE 5014
HEALTHCHECK --interval=30s --timeout=6s --start-period=30s CMD ["/attendance", "healthcheck"]
ENTRYPOINT ["/attendance"]
