#Requires -Version 5.1
#Requires -RunAsAdministrator
<#
.SYNOPSIS
Installs TLS Uplift as a Windows service.
.DESCRIPTION
Unpack the zip below a folder that only administrators can write, such as C:\Program Files, and run this script in its folder.
It makes the data directory, the first configuration and its CA, the service, a source in the event log and a rule in the
firewall. Run the script of a new version to upgrade: it keeps the configuration and the CA.
.PARAMETER Names
The names and addresses by which devices reach this machine, such as uplift.corp.example,192.168.1.5.
.PARAMETER Ways
How devices connect, such as proxy,scan-to-mail: see 'tls-uplift init --help'.
.PARAMETER Data
The directory for the configuration, the CA, the inventory and the log.
.PARAMETER Java
The folder of Java 17 or later. Default: JAVA_HOME.
.PARAMETER Init
Further options of 'tls-uplift init', without spaces in their values, such as
'--mx-host contoso-com.mail.protection.outlook.com --allowed-senders @contoso.com' for direct-send.
#>
param(
  [string[]]$Names = @(),
  [string[]]$Ways = @(),
  [string]$Data = (Join-Path $env:ProgramData 'TLS Uplift'),
  [string]$Java = $env:JAVA_HOME,
  [string]$Init = ''
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

# Accounts by their SIDs, because Windows translates names.
$system = [System.Security.Principal.SecurityIdentifier]'S-1-5-18'
$administrators = [System.Security.Principal.SecurityIdentifier]'S-1-5-32-544'
# Windows computes this one from the name of the service, before the service exists too.
$showSid = (& sc.exe showsid $service) -join ' '
if ($showSid -notmatch 'S-1-5-80(-\d+)+') {
  throw "sc.exe showsid ${service}: got '$showSid'; expected a SID that begins with S-1-5-80"
}
$serviceSid = [System.Security.Principal.SecurityIdentifier]$Matches[0]
$me = [System.Security.Principal.WindowsIdentity]::GetCurrent().User
$trusted = @($system, $administrators, $serviceSid, $me)

# Refuses a file or directory that somebody without administrator rights may have made.
function Assert-Owner([System.IO.FileSystemInfo]$Item) {
  if ($Item.Attributes -band [System.IO.FileAttributes]::ReparsePoint) {
    throw "-Data: '$($Item.FullName)' is a link; delete it, and run this script again"
  }
  $owner = (Get-Acl -LiteralPath $Item.FullName).GetOwner([System.Security.Principal.SecurityIdentifier])
  if ($trusted -notcontains $owner) {
    throw "-Data: '$($Item.FullName)' belongs to $owner, so somebody else may have written it; expected an administrator or the service as its owner; rename or delete '$Data', and run this script again"
  }
}

$jvm = if ($Java) { Join-Path $Java 'bin\server\jvm.dll' } else { '' }
if (-not $jvm -or -not (Test-Path -LiteralPath $jvm)) {
  throw "-Java: got '$Java', which has no bin\server\jvm.dll; expected Java 17 or later; install it, or set JAVA_HOME"
}
$env:JAVA_HOME = $Java
if ($Data -match '[;#''"]') {
  throw "-Data: got '$Data'; expected a path without ; # and quotation marks, which prunsrv does not accept"
}

# The service runs what is in this folder.
$others = @('S-1-1-0', 'S-1-5-11', 'S-1-5-32-545')
$change = [System.Security.AccessControl.FileSystemRights]'Write, Delete, ChangePermissions, TakeOwnership'
foreach ($rule in (Get-Acl -LiteralPath $folder).GetAccessRules($true, $true, [System.Security.Principal.SecurityIdentifier])) {
  if ($rule.AccessControlType -eq 'Allow' -and $others -contains $rule.IdentityReference.Value -and ($rule.FileSystemRights -band $change)) {
    throw "'$folder' can be changed by every user ($($rule.IdentityReference)); move it below C:\Program Files, and run install.ps1 there"
  }
}

$installed = Get-Service -Name $service -ErrorAction SilentlyContinue
if ($installed -and $installed.Status -ne 'Stopped') {
  Stop-Service -Name $service
}

# Every user can make a directory in C:\ProgramData. One that exists must belong to an administrator or the service, with
# everything in it. Its list then has the system and administrators only: entries of others do not stay.
$made = -not (Test-Path -LiteralPath $Data)
if ($made) {
  New-Item -ItemType Directory -Path $Data | Out-Null
}
Assert-Owner (Get-Item -LiteralPath $Data -Force)
$access = New-Object System.Security.AccessControl.DirectorySecurity
$access.SetOwner($administrators)
$access.SetAccessRuleProtection($true, $false)
foreach ($sid in $system, $administrators) {
  $access.AddAccessRule((New-Object System.Security.AccessControl.FileSystemAccessRule(
        $sid, 'FullControl', 'ContainerInherit, ObjectInherit', 'None', 'Allow')))
}
Set-Acl -LiteralPath $Data -AclObject $access
# Nobody else can add a file from here on.
$content = @(Get-ChildItem -LiteralPath $Data -Force -Recurse)
if ($made -and $content) {
  throw "-Data: somebody wrote '$($content[0].FullName)' while this script made '$Data'; look at it, delete '$Data', and run this script again"
}
$content | ForEach-Object { Assert-Owner $_ }
New-Item -ItemType Directory -Force -Path $log | Out-Null

# Before the service is registered, so that a wrong answer leaves no service without a configuration.
if (-not (Test-Path -LiteralPath $config)) {
  $arguments = @('init', '--yes', '--config', $config, '--data', $Data)
  if ($Names) { $arguments += @('--names', ($Names -join ',')) }
  if ($Ways) { $arguments += @('--ways', ($Ways -join ',')) }
  if ($Init) { $arguments += $Init.Trim() -split '\s+' }
  Invoke-Program (Join-Path $folder 'bin\tls-uplift.cmd') $arguments
}

# Prunsrv starts the JVM without java.exe, which would read the file. Java would warn about the option that is for Linux.
$options = @(Get-Content -LiteralPath (Join-Path $folder 'lib\jvm.options') | Where-Object { $_ -match '^-' })
$options += @('-XX:TrimNativeHeapInterval=0', '-XX:MaxRAMPercentage=50')

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
  ("--JvmOptions=$($options -join ';');" +
  # The program rotates this file itself.
  "-Dtlsuplift.log=$(Join-Path $log 'tls-uplift.log')"),
  # What the manifest of the jar says, which counts with 'java -jar' only.
  '--JvmOptions9=--add-opens=java.base/java.nio=ALL-UNNAMED',
  "--LogPath=$log",
  '--LogPrefix=service',
  # One file a day with what the program prints beside its log. Prunsrv would delete a file with a fixed name at each start.
  '--StdOutput=auto',
  '--StdError=auto'
)
# An account of its own, without a password, that Windows makes for the service.
Invoke-Program sc.exe @('config', $service, 'obj=', $account)
Invoke-Program sc.exe @('failure', $service, 'reset=', '86400', 'actions=', 'restart/2000/restart/10000/restart/60000')
Invoke-Program icacls.exe @($Data, '/grant:r', "${account}:(OI)(CI)M", '/Q')

# The files of this script and of 'init' belong to an administrator, and are closed to the service.
Invoke-Program icacls.exe @($Data, '/setowner', $account, '/T', '/C', '/Q')
Invoke-Program icacls.exe @((Join-Path $Data '*'), '/reset', '/T', '/C', '/Q')

# Only a source that eventcreate made accepts events of eventcreate, which the service uses.
Invoke-Program eventcreate.exe @('/L', 'APPLICATION', '/T', 'INFORMATION', '/SO', 'TLS Uplift', '/ID', '1', '/D', 'TLS Uplift was installed.')
if (Get-NetFirewallRule -Name $service -ErrorAction SilentlyContinue) {
  Set-NetFirewallRule -Name $service -Program $prunsrv
} else {
  New-NetFirewallRule -Name $service -DisplayName 'TLS Uplift' -Direction Inbound -Program $prunsrv -Action Allow `
    -Profile @('Domain', 'Private') | Out-Null
}
Start-Service -Name $service
Write-Output "TLS Uplift runs. Configuration: $config. Log: $log. Command: $(Join-Path $folder 'bin\tls-uplift.cmd')"
