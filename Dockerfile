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
RUN CGO_ENABLED=0 go build -trimpath -ldflags=-s -o /attendance ./server \
	&& mkdir /data

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /attendance /attendance
COPY --from=build --chown=nonroot:nonroot /data /data
ENV HOST=0.0.0.0 DATA_DIR=/data
VOLUME /data
EXPOSE 5014
ENTRYPOINT ["/attendance"]
