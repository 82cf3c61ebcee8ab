#Requires -Version 5.1
#Requires -RunAsAdministrator
<#
.SYNOPSIS
Installs TLS Uplift as a Windows service.
.DESCRIPTION
Unpack the zip to a folder that only administrators can write, such as C:\Program Files\TLS Uplift, and run this script there.
It makes the data directory, the first configuration and its CA, the service, a source in the event log and a rule in the
firewall. Run it again after an upgrade: it keeps the configuration and the CA.
.PARAMETER Names
The names and addresses by which devices reach this machine, such as uplift.corp.example,192.168.1.5.
.PARAMETER Ways
How devices connect: see 'tls-uplift init --help'.
.PARAMETER Data
The directory for the configuration, the CA, the inventory and the log.
.PARAMETER Java
The folder of Java 17 or later. Default: JAVA_HOME.
#>
param(
  [string]$Names = '',
  [string]$Ways = '',
  [string]$Data = (Join-Path $env:ProgramData 'TLS Uplift'),
  [string]$Java = $env:JAVA_HOME
)
$ErrorActionPreference = 'Stop'
$service = 'tls-uplift'
$account = "NT SERVICE\$service"
$folder = $PSScriptRoot
$prunsrv = Join-Path $folder 'bin\prunsrv.exe'
$config = Join-Path $Data 'tls-uplift.yaml'
$log = Join-Path $Data 'log'

# Runs a program and stops this script if it fails.
function Invoke-Program([string]$Program, [string[]]$Arguments) {
  & $Program @Arguments
  if ($LASTEXITCODE -ne 0) {
    throw "${Program}: got exit code $LASTEXITCODE; expected 0"
  }
}

$jvm = if ($Java) { Join-Path $Java 'bin\server\jvm.dll' } else { '' }
if (-not $jvm -or -not (Test-Path $jvm)) {
  throw "-Java: got '$Java', which has no bin\server\jvm.dll; expected Java 17 or later; install it, or set JAVA_HOME"
}
$env:JAVA_HOME = $Java

$installed = Get-Service -Name $service -ErrorAction SilentlyContinue
if ($installed -and $installed.Status -ne 'Stopped') {
  Stop-Service -Name $service
}

# By SIDs, because Windows translates names: the system and administrators.
New-Item -ItemType Directory -Force -Path $Data | Out-Null
Invoke-Program icacls.exe @($Data, '/inheritance:r', '/grant:r', '*S-1-5-18:(OI)(CI)F', '*S-1-5-32-544:(OI)(CI)F', '/Q')
New-Item -ItemType Directory -Force -Path $log | Out-Null

$verb = if ($installed) { '//US//' } else { '//IS//' }
Invoke-Program $prunsrv @(
  "$verb$service",
  '--DisplayName=TLS Uplift',
  '--Description=Connects old devices to Microsoft 365 with modern TLS.',
  '--Startup=auto',
  "--Install=$prunsrv",
  "--Jvm=$jvm",
  "--JavaHome=$Java",
  "--Classpath=$(Join-Path $folder 'lib\tls-uplift.jar')",
  '--StartMode=jvm',
  '--StartClass=org.tlsuplift.server.WindowsService',
  '--StartMethod=start',
  "--StartParams=run;--config;$config",
  "--StartPath=$Data",
  '--StopMode=jvm',
  '--StopClass=org.tlsuplift.server.WindowsService',
  '--StopMethod=stop',
  '--StopTimeout=90',
  '--JvmOptions=-Xms16m;-XX:MinHeapFreeRatio=20;-XX:MaxHeapFreeRatio=40;-XX:-ShrinkHeapInSteps;-XX:MaxNewSize=12m;-XX:SurvivorRatio=4;-XX:+UseSerialGC;-XX:-UsePerfData;-XX:Tier4InvocationThreshold=20000;-XX:Tier4MinInvocationThreshold=2400;-XX:Tier4CompileThreshold=60000;-XX:Tier4BackEdgeThreshold=160000;-XX:MaxRAMPercentage=50;-XX:-HeapDumpOnOutOfMemoryError',
  # What the manifest of the jar says, which counts with 'java -jar' only.
  '--JvmOptions9=--add-opens=java.base/java.nio=ALL-UNNAMED',
  "--LogPath=$log",
  '--LogPrefix=service',
  "--StdOutput=$(Join-Path $log 'tls-uplift.log')",
  "--StdError=$(Join-Path $log 'tls-uplift.log')"
)
# An account of its own, without a password, that Windows makes for the service.
Invoke-Program sc.exe @('config', $service, 'obj=', $account)
Invoke-Program sc.exe @('failure', $service, 'reset=', '86400', 'actions=', 'restart/2000/restart/10000/restart/60000')
Invoke-Program icacls.exe @($Data, '/grant:r', "${account}:(OI)(CI)M", '/Q')

if (-not (Test-Path $config)) {
  $arguments = @('init', '--yes', '--config', $config, '--data', $Data)
  if ($Names) { $arguments += @('--names', $Names) }
  if ($Ways) { $arguments += @('--ways', $Ways) }
  Invoke-Program (Join-Path $folder 'bin\tls-uplift.cmd') $arguments
}
# The files of this script and of 'init' belong to an administrator, and are closed to the service.
Invoke-Program icacls.exe @($Data, '/setowner', $account, '/T', '/C', '/Q')
Invoke-Program icacls.exe @((Join-Path $Data '*'), '/reset', '/T', '/C', '/Q')

# Only a source that eventcreate made accepts events of eventcreate, which the service uses.
Invoke-Program eventcreate.exe @('/L', 'APPLICATION', '/T', 'INFORMATION', '/SO', 'TLS Uplift', '/ID', '1', '/D', 'TLS Uplift was installed.')
if (-not (Get-NetFirewallRule -Name $service -ErrorAction SilentlyContinue)) {
  New-NetFirewallRule -Name $service -DisplayName 'TLS Uplift' -Direction Inbound -Program $prunsrv -Action Allow `
    -Profile Domain, Private | Out-Null
}
Start-Service -Name $service
Write-Output "TLS Uplift runs. Configuration: $config. Log: $log. Command: $(Join-Path $folder 'bin\tls-uplift.cmd')"
